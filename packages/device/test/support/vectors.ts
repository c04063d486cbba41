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
  type ProtectionType,
  RemoteOpaqueKeyError,
  smartcard,
  softwareX509Key,
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

const { der_base64: cardCertificate, pkcs8_private_key_der_base64: cardKey } = vectors.pki.test_certificate;
/** The key of the certificate of the vectors, where a card would be. */
const card = await softwareX509Key(base64Bytes(cardCertificate), base64Bytes(cardKey));

/**
 * One protection of each kind, ready to save and load. Each call makes one with its own secret; but there is only one
 * card, which opens all that is protected by it.
 */
export const protections: Readonly<Record<ProtectionType, () => Protection>> = {
  password: () => quickPassword(crypto.randomUUID()),
  keyring: () => keyring({ backend: memoryKeyring(), userStore: memoryDeviceStore() }),
  pki: () => smartcard(card),
  account_vault: () => accountVault(opaqueKeys("PARSEC_ACCOUNT", AccountVaultItemOpaqueKeyId.generate)),
  openbao: () => openBaoWith("none", SecretKey.generate()),
};
