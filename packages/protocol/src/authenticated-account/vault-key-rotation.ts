import { AccountAuthMethodId, Bytes, map, nullable, SecretKeyCodec, UntrustedPasswordAlgorithm } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { HashDigestHex } from "../shared/hash-digest-hex.ts";

/**
 * Changes the key of the vault. The items are exactly the current ones, encrypted anew. Only the new authentication
 * method works afterwards (spec 05 §13.6).
 */
export const vaultKeyRotation = /* @__PURE__ */ command("authenticated_account", "vault_key_rotation", () => ({
  request: {
    newAuthMethodId: AccountAuthMethodId,
    newAuthMethodMacKey: SecretKeyCodec,
    newAuthMethodPasswordAlgorithm: nullable(UntrustedPasswordAlgorithm),
    newVaultKeyAccess: Bytes,
    items: map(HashDigestHex, Bytes),
  },
  replies: {
    ok: {},
    items_mismatch: {},
    new_auth_method_id_already_exists: {},
  },
}));
export type VaultKeyRotationRequest = RequestOf<typeof vaultKeyRotation>;
export type VaultKeyRotationReply = ReplyOf<typeof vaultKeyRotation>;
