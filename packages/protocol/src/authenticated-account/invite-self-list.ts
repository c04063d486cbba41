import { AccessToken, InvitationType, list, OrganizationId, tuple } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Lists the pending invitations of the account's e-mail address, in all organizations (spec 05 §13.6). */
export const inviteSelfList = /* @__PURE__ */ command("authenticated_account", "invite_self_list", () => ({
  request: {},
  replies: {
    ok: { invitations: list(tuple(OrganizationId, AccessToken, InvitationType)) },
  },
}));
export type InviteSelfListRequest = RequestOf<typeof inviteSelfList>;
export type InviteSelfListReply = ReplyOf<typeof inviteSelfList>;
