import { DateTime, EmailAddress } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/**
 * Sends the validation e-mail of a new account. It answers `ok` also for an address that has an account, so that it
 * tells nothing (spec 05 §13.5).
 */
export const accountCreateSendValidationEmail = /* @__PURE__ */ command(
  "anonymous_server",
  "account_create_send_validation_email",
  () => ({
    request: { email: EmailAddress },
    replies: {
      ok: {},
      email_server_unavailable: {},
      email_recipient_refused: {},
      email_sending_rate_limited: { waitUntil: DateTime },
    },
  }),
);
export type AccountCreateSendValidationEmailRequest = RequestOf<typeof accountCreateSendValidationEmail>;
export type AccountCreateSendValidationEmailReply = ReplyOf<typeof accountCreateSendValidationEmail>;
