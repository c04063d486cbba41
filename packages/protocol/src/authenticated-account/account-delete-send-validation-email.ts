import { DateTime } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Sends the validation e-mail of the deletion to the account's address (spec 05 §13.6). */
export const accountDeleteSendValidationEmail = /* @__PURE__ */ command(
  "authenticated_account",
  "account_delete_send_validation_email",
  () => ({
    request: {},
    replies: {
      ok: {},
      email_server_unavailable: {},
      email_recipient_refused: {},
      email_sending_rate_limited: { waitUntil: DateTime },
    },
  }),
);
export type AccountDeleteSendValidationEmailRequest = RequestOf<typeof accountDeleteSendValidationEmail>;
export type AccountDeleteSendValidationEmailReply = ReplyOf<typeof accountDeleteSendValidationEmail>;
