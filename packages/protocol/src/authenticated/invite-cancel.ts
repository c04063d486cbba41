import { AccessToken } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Cancels an invitation. For a greeter that the invitation allows, or the claimer (spec 05 §13.1). */
export const inviteCancel = /* @__PURE__ */ command("authenticated", "invite_cancel", () => ({
  request: { token: AccessToken },
  replies: {
    ok: {},
    invitation_not_found: {},
    author_not_allowed: {},
    invitation_completed: {},
    invitation_already_cancelled: {},
  },
}));
export type InviteCancelRequest = RequestOf<typeof inviteCancel>;
export type InviteCancelReply = ReplyOf<typeof inviteCancel>;
