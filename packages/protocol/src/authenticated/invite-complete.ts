import { AccessToken } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Marks an invitation as used. For a greeter that the invitation allows, or the claimer (spec 05 §13.1). */
export const inviteComplete = /* @__PURE__ */ command("authenticated", "invite_complete", () => ({
  request: { token: AccessToken },
  replies: {
    ok: {},
    invitation_not_found: {},
    author_not_allowed: {},
    invitation_already_completed: {},
    invitation_cancelled: {},
  },
}));
export type InviteCompleteRequest = RequestOf<typeof inviteComplete>;
export type InviteCompleteReply = ReplyOf<typeof inviteComplete>;
