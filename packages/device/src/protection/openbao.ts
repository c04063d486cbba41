import { requireObject, requireText } from "@parsec/base";
import { SecretKey } from "@parsec/crypto";
import { requireOpaqueKeys } from "../arguments.ts";
import type { OpaqueKeyStore } from "./opaque-key-store.ts";
import { expectType, type Protection } from "./protection.ts";

export interface OpenBaoProtection {
  /** The secrets of the entity that is logged in, by their path. See `openBaoKeys`. */
  readonly keys: OpaqueKeyStore<string>;
  readonly entityId: string;
  /** Written into the file so that the next login offers the same single sign-on first. */
  readonly preferredAuthId: string;
}

/** A key in OpenBao, reached by single sign-on (spec 06 §8.5). Every save stores a new secret. */
export function openBao(protection: OpenBaoProtection): Protection {
  requireObject("protection", protection);
  const { keys, entityId, preferredAuthId } = protection;
  requireOpaqueKeys("keys", keys);
  requireText("entityId", entityId, { filled: true });
  requireText("preferredAuthId", preferredAuthId);
  return {
    type: "openbao",
    offlineLogin: false,
    createKey: async (options) => {
      const key = SecretKey.generate();
      const openbaoCiphertextKeyPath = await keys.upload(key, options);
      const identity = { openbaoPreferredAuthId: preferredAuthId, openbaoEntityId: entityId };
      return { key, fields: { type: "openbao", ...identity, openbaoCiphertextKeyPath } };
    },
    openKey: async (file, options) => keys.fetch(expectType(file, "openbao").openbaoCiphertextKeyPath, options),
  };
}
