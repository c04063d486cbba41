import type { SecretKey } from "@parsec/crypto";
import { type Infer, tagged } from "../codec/index.ts";
import { decryptAndLoad, dumpAndEncrypt } from "../envelope.ts";
import { AccountVaultItemOpaqueKeyId } from "../ids.ts";
import { SecretKeyCodec } from "../keys.ts";

/** What an opaque key item holds. Its id must be the item's: the caller compares (spec 07 §3.2). */
export const AccountVaultItemOpaqueKeyEncryptedData = /* @__PURE__ */ tagged(
  "type",
  "account_vault_item_opaque_key_encrypted_data",
  { keyId: AccountVaultItemOpaqueKeyId, key: SecretKeyCodec },
);
export type AccountVaultItemOpaqueKeyEncryptedData = Infer<typeof AccountVaultItemOpaqueKeyEncryptedData>;

export function sealAccountVaultOpaqueKey(
  vaultKey: SecretKey,
  data: AccountVaultItemOpaqueKeyEncryptedData,
): Uint8Array<ArrayBuffer> {
  return dumpAndEncrypt(AccountVaultItemOpaqueKeyEncryptedData, data, vaultKey);
}

/**
 * @throws DecryptionError
 * @throws BadSerializationError
 */
export function openAccountVaultOpaqueKey(
  encrypted: Uint8Array,
  vaultKey: SecretKey,
): AccountVaultItemOpaqueKeyEncryptedData {
  return decryptAndLoad(AccountVaultItemOpaqueKeyEncryptedData, encrypted, vaultKey);
}
