import { fromBase64, fromHex } from "@parsec/base";
import { ready, SecretKey } from "@parsec/crypto";
import { AccountVaultItemOpaqueKeyId, TotpOpaqueKeyId } from "@parsec/types";
import file from "../../../../test/vectors/device-files.json" with { type: "json" };
import {
  accountVault,
  keyring,
  memoryDeviceStore,
  memoryKeyring,
  type OpaqueKeyStore,
  openBao,
  type Protection,
  RemoteOpaqueKeyError,
  type TotpKey,
} from "../../src/index.ts";
import { passwordProtection } from "../../src/protection/password.ts";

await ready();

export const vectors = file;

export function hexBytes(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new Error("bad hex in the vectors");
  return bytes;
}

export function base64Bytes(text: string): Uint8Array {
  const bytes = fromBase64(text);
  if (bytes === undefined) throw new Error("bad base64 in the vectors");
  return bytes;
}

export function secretKey(hex: string): SecretKey {
  return SecretKey.fromBytes(hexBytes(hex));
}

export function totpKey(vector: { readonly opaque_key_id: string; readonly opaque_key_hex: string }): TotpKey {
  const opaqueKeyId = TotpOpaqueKeyId.parse(vector.opaque_key_id);
  if (opaqueKeyId === undefined) throw new Error("bad id in the vectors");
  return { opaqueKeyId, key: secretKey(vector.opaque_key_hex) };
}

/** A keyring with one entry. */
export async function keyringWith(user: string, secret: string): Promise<Protection> {
  const backend = memoryKeyring();
  await backend.set("parsec", user, secret);
  return keyring({ backend, userStore: memoryDeviceStore() });
}

/** An opaque-key service that has these keys, and takes more. */
export function opaqueKeys<Id extends string>(
  server: "PARSEC_ACCOUNT" | "OPENBAO",
  newId: () => Id,
  known: readonly (readonly [Id, SecretKey])[] = [],
): OpaqueKeyStore<Id> {
  const keys = new Map<Id, SecretKey>(known);
  return {
    upload: async (key) => {
      const id = newId();
      keys.set(id, key);
      return id;
    },
    fetch: async (id) => {
      const key = keys.get(id);
      if (key === undefined) throw new RemoteOpaqueKeyError("REMOTE_OPAQUE_KEY_FETCH_FAILED", server);
      return key;
    },
  };
}

export function accountVaultWith(id: string, key: SecretKey): Protection {
  const keyId = AccountVaultItemOpaqueKeyId.parse(id);
  if (keyId === undefined) throw new Error("bad id in the vectors");
  return accountVault(opaqueKeys("PARSEC_ACCOUNT", AccountVaultItemOpaqueKeyId.generate, [[keyId, key]]));
}

let openBaoSerial = 0;
export function openBaoWith(path: string, key: SecretKey): Protection {
  const newPath = () => `entity/${(openBaoSerial += 1)}`;
  return openBao({
    keys: opaqueKeys("OPENBAO", newPath, [[path, key]]),
    entityId: "entity",
    preferredAuthId: "HEXAGONE",
  });
}

/** A password that costs nothing to derive. */
export function quickPassword(text: string): Protection {
  return passwordProtection(text, () => ({
    type: "ARGON2ID",
    memlimitKb: 8,
    opslimit: 1,
    parallelism: 1,
    salt: crypto.getRandomValues(new Uint8Array(16)),
  }));
}

/** One protection of each kind that needs nothing from outside, ready to save and load. */
export const protections: Readonly<Record<string, () => Protection>> = {
  password: () => quickPassword("P@ssw0rd."),
  keyring: () => keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() }),
  "account vault": () => accountVault(opaqueKeys("PARSEC_ACCOUNT", AccountVaultItemOpaqueKeyId.generate)),
  OpenBao: () => openBaoWith("none", SecretKey.generate()),
};
