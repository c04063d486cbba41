import {
  AccessToken,
  DateTime,
  EmailAddress,
  type Infer,
  InvitationStatus,
  list,
  taggedUnion,
  UserId,
} from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { InvitationCreatedBy } from "../shared/invitation-created-by.ts";

/** An invitation, as its greeters see it. */
export const InviteListItem = /* @__PURE__ */ taggedUnion("type", {
  USER: {
    token: AccessToken,
    createdOn: DateTime,
    createdBy: InvitationCreatedBy,
    claimerEmail: EmailAddress,
    status: InvitationStatus,
  },
  DEVICE: { token: AccessToken, createdOn: DateTime, createdBy: InvitationCreatedBy, status: InvitationStatus },
  SHAMIR_RECOVERY: {
    token: AccessToken,
    createdOn: DateTime,
    createdBy: InvitationCreatedBy,
    claimerUserId: UserId,
    shamirRecoveryCreatedOn: DateTime,
    status: InvitationStatus,
  },
});
export type InviteListItem = Infer<typeof InviteListItem>;

/** Lists the invitations that the caller could greet, whatever their status, oldest first (spec 05 §13.1). */
export const inviteList = /* @__PURE__ */ command("authenticated", "invite_list", () => ({
  request: {},
  replies: {
    ok: { invitations: list(InviteListItem) },
  },
}));
export type InviteListRequest = RequestOf<typeof inviteList>;
export type InviteListReply = ReplyOf<typeof inviteList>;
