import {
  AccountAuthMethodId,
  Bytes,
  EmailAddress,
  nullable,
  SecretKeyCodec,
  UntrustedPasswordAlgorithm,
  ValidationCode,
} from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/**
 * Gives a new authentication method to an account whose methods are lost. All others are disabled, and a new empty
 * vault starts (spec 05 §13.5).
 */
export const accountRecoverProceed = /* @__PURE__ */ command("anonymous_server", "account_recover_proceed", () => ({
  request: {
    email: EmailAddress,
    validationCode: ValidationCode,
    newVaultKeyAccess: Bytes,
    newAuthMethodPasswordAlgorithm: nullable(UntrustedPasswordAlgorithm),
    newAuthMethodMacKey: SecretKeyCodec,
    newAuthMethodId: AccountAuthMethodId,
  },
  replies: {
    ok: {},
    invalid_validation_code: {},
    send_validation_email_required: {},
    auth_method_id_already_exists: {},
  },
}));
export type AccountRecoverProceedRequest = RequestOf<typeof accountRecoverProceed>;
export type AccountRecoverProceedReply = ReplyOf<typeof accountRecoverProceed>;
