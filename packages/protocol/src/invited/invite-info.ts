import {
  DateTime,
  EmailAddress,
  HumanHandle,
  type Infer,
  list,
  literals,
  NonZeroU8,
  nullable,
  struct,
  taggedUnion,
  UserId,
} from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { InvitationCreatedBy } from "../shared/invitation-created-by.ts";

/** Whether somebody is connected. Today servers say `UNKNOWN`. */
export const UserOnlineStatus = /* @__PURE__ */ literals(["ONLINE", "OFFLINE", "UNKNOWN"]);
export type UserOnlineStatus = Infer<typeof UserOnlineStatus>;

/** An ADMIN who can greet; the last time that one joined an attempt of this invitation, if any. */
export const UserGreetingAdministrator = /* @__PURE__ */ struct({
  userId: UserId,
  humanHandle: HumanHandle,
  onlineStatus: UserOnlineStatus,
  lastGreetingAttemptJoinedOn: /* @__PURE__ */ nullable(DateTime),
});
export type UserGreetingAdministrator = Infer<typeof UserGreetingAdministrator>;

/** A holder of shares, still useful when `revokedOn` is null. */
export const ShamirRecoveryRecipient = /* @__PURE__ */ struct({
  userId: UserId,
  humanHandle: HumanHandle,
  shares: NonZeroU8,
  revokedOn: /* @__PURE__ */ nullable(DateTime),
  onlineStatus: UserOnlineStatus,
});
export type ShamirRecoveryRecipient = Infer<typeof ShamirRecoveryRecipient>;

/** What an invitation is for, with who can greet. The shares and `threshold` tell whom a recovery needs. */
export const InvitationInfo = /* @__PURE__ */ taggedUnion("type", {
  USER: {
    claimerEmail: EmailAddress,
    createdBy: InvitationCreatedBy,
    administrators: /* @__PURE__ */ list(UserGreetingAdministrator),
  },
  DEVICE: { claimerUserId: UserId, claimerHumanHandle: HumanHandle, createdBy: InvitationCreatedBy },
  SHAMIR_RECOVERY: {
    claimerUserId: UserId,
    claimerHumanHandle: HumanHandle,
    createdBy: InvitationCreatedBy,
    shamirRecoveryCreatedOn: DateTime,
    threshold: NonZeroU8,
    recipients: /* @__PURE__ */ list(ShamirRecoveryRecipient),
  },
});
export type InvitationInfo = Infer<typeof InvitationInfo>;

/** Tells what the invitation is for, and who can greet (spec 05 §13.3). */
export const inviteInfo = /* @__PURE__ */ command("invited", "invite_info", () => ({
  request: {},
  replies: {
    ok: InvitationInfo,
  },
}));
export type InviteInfoRequest = RequestOf<typeof inviteInfo>;
export type InviteInfoReply = ReplyOf<typeof inviteInfo>;
