import { ValidationCode } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/**
 * Deletes the account with the code of the validation e-mail. All its authentication methods are disabled: later
 * requests get HTTP 403 (spec 05 §13.6).
 */
export const accountDeleteProceed = /* @__PURE__ */ command("authenticated_account", "account_delete_proceed", () => ({
  request: { validationCode: ValidationCode },
  replies: {
    ok: {},
    invalid_validation_code: {},
    send_validation_email_required: {},
  },
}));
export type AccountDeleteProceedRequest = RequestOf<typeof accountDeleteProceed>;
export type AccountDeleteProceedReply = ReplyOf<typeof accountDeleteProceed>;
