import { AccessToken, Bool, EmailAddress } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { EmailSentStatus } from "../shared/email-sent-status.ts";

/**
 * Invites a user by e-mail address, which must not be that of an active user. For an ADMIN. A pending invitation of
 * that address is given again (spec 05 §13.1).
 */
export const inviteNewUser = /* @__PURE__ */ command("authenticated", "invite_new_user", () => ({
  request: { claimerEmail: EmailAddress, sendEmail: Bool },
  replies: {
    ok: { token: AccessToken, emailSent: EmailSentStatus },
    author_not_allowed: {},
    claimer_email_already_enrolled: {},
  },
}));
export type InviteNewUserRequest = RequestOf<typeof inviteNewUser>;
export type InviteNewUserReply = ReplyOf<typeof inviteNewUser>;
