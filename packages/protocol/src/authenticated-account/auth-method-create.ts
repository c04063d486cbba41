import { AccountAuthMethodId, Bytes, nullable, SecretKeyCodec, UntrustedPasswordAlgorithm } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/**
 * Adds an authentication method for the current vault. One with a password disables the previous one with a
 * password (spec 05 §13.6).
 */
export const authMethodCreate = /* @__PURE__ */ command("authenticated_account", "auth_method_create", () => ({
  request: {
    authMethodPasswordAlgorithm: nullable(UntrustedPasswordAlgorithm),
    authMethodMacKey: SecretKeyCodec,
    authMethodId: AccountAuthMethodId,
    vaultKeyAccess: Bytes,
  },
  replies: {
    ok: {},
    auth_method_id_already_exists: {},
  },
}));
export type AuthMethodCreateRequest = RequestOf<typeof authMethodCreate>;
export type AuthMethodCreateReply = ReplyOf<typeof authMethodCreate>;
