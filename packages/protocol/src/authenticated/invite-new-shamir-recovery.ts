import { AccessToken, Bool, UserId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { EmailSentStatus } from "../shared/email-sent-status.ts";

/**
 * Invites a user to recover a device. For a recipient of that user's current setup. A pending invitation is given
 * again (spec 05 §13.1).
 */
export const inviteNewShamirRecovery = /* @__PURE__ */ command("authenticated", "invite_new_shamir_recovery", () => ({
  request: { claimerUserId: UserId, sendEmail: Bool },
  replies: {
    ok: { token: AccessToken, emailSent: EmailSentStatus },
    author_not_allowed: {},
    user_not_found: {},
  },
}));
export type InviteNewShamirRecoveryRequest = RequestOf<typeof inviteNewShamirRecovery>;
export type InviteNewShamirRecoveryReply = ReplyOf<typeof inviteNewShamirRecovery>;
