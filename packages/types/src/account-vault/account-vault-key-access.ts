import type { SecretKey } from "@parsec/crypto";
import { type Infer, tagged } from "../codec/index.ts";
import { decryptAndLoad, dumpAndEncrypt } from "../envelope.ts";
import { SecretKeyCodec } from "../keys.ts";

/** The vault's key, for one authentication method of the account (spec 04 §8). */
export const AccountVaultKeyAccess = /* @__PURE__ */ tagged("type", "account_vault_key_access", {
  vaultKey: SecretKeyCodec,
});
export type AccountVaultKeyAccess = Infer<typeof AccountVaultKeyAccess>;

/** Encrypted with the secret key of the authentication method. */
export function sealAccountVaultKeyAccess(authMethodKey: SecretKey, vaultKey: SecretKey): Uint8Array<ArrayBuffer> {
  return dumpAndEncrypt(AccountVaultKeyAccess, { type: "account_vault_key_access", vaultKey }, authMethodKey);
}

/**
 * The vault's key.
 * @throws DecryptionError
 * @throws BadSerializationError
 */
export function openAccountVaultKeyAccess(encrypted: Uint8Array, authMethodKey: SecretKey): SecretKey {
  return decryptAndLoad(AccountVaultKeyAccess, encrypted, authMethodKey).vaultKey;
}
