import { SecretKey } from "@parsec/crypto";
import type { AccountVaultItemOpaqueKeyId } from "@parsec/types";
import { requireOpaqueKeys } from "../arguments.ts";
import type { OpaqueKeyStore } from "./opaque-key-store.ts";
import { expectType, type Protection } from "./protection.ts";

/**
 * A key in the vault of a Parsec account that is logged in (spec 06 §8.4). Every save uploads a new key; the old ones
 * stay in the vault. The file does not say whose account it is: the caller knows.
 */
export function accountVault(vault: OpaqueKeyStore<AccountVaultItemOpaqueKeyId>): Protection {
  requireOpaqueKeys("vault", vault);
  return {
    type: "account_vault",
    offlineLogin: false,
    createKey: async (options) => {
      const key = SecretKey.generate();
      return { key, fields: { type: "account_vault", ciphertextKeyId: await vault.upload(key, options) } };
    },
    openKey: async (file, options) => vault.fetch(expectType(file, "account_vault").ciphertextKeyId, options),
  };
}
