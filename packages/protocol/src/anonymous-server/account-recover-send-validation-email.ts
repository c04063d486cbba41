import { DateTime, EmailAddress } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Sends the validation e-mail of a recovery. It answers `ok` also for an address without account (spec 05 §13.5). */
export const accountRecoverSendValidationEmail = /* @__PURE__ */ command(
  "anonymous_server",
  "account_recover_send_validation_email",
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
export type AccountRecoverSendValidationEmailRequest = RequestOf<typeof accountRecoverSendValidationEmail>;
export type AccountRecoverSendValidationEmailReply = ReplyOf<typeof accountRecoverSendValidationEmail>;
