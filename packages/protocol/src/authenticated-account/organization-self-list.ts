import {
  ActiveUsersLimit,
  Bool,
  DateTime,
  type Infer,
  list,
  OrganizationId,
  struct,
  UserId,
  UserProfile,
} from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** What limits the users of an organization. */
export const SelfOrganizationConfig = /* @__PURE__ */ struct({
  isExpired: Bool,
  userProfileOutsiderAllowed: Bool,
  activeUsersLimit: ActiveUsersLimit,
});
export type SelfOrganizationConfig = Infer<typeof SelfOrganizationConfig>;

/** A user of some organization with the account's e-mail address. */
export const SelfActiveUser = /* @__PURE__ */ struct({
  organizationId: OrganizationId,
  userId: UserId,
  createdOn: DateTime,
  isFrozen: Bool,
  currentProfile: UserProfile,
  organizationConfig: SelfOrganizationConfig,
});
export type SelfActiveUser = Infer<typeof SelfActiveUser>;

/** A former user of some organization with the account's e-mail address. */
export const SelfRevokedUser = /* @__PURE__ */ struct({
  organizationId: OrganizationId,
  userId: UserId,
  createdOn: DateTime,
  revokedOn: DateTime,
  currentProfile: UserProfile,
});
export type SelfRevokedUser = Infer<typeof SelfRevokedUser>;

/**
 * Lists the users with the account's e-mail address, in all organizations, frozen and expired ones included (spec
 * 05 §13.6).
 */
export const organizationSelfList = /* @__PURE__ */ command("authenticated_account", "organization_self_list", () => ({
  request: {},
  replies: {
    ok: { active: list(SelfActiveUser), revoked: list(SelfRevokedUser) },
  },
}));
export type OrganizationSelfListRequest = RequestOf<typeof organizationSelfList>;
export type OrganizationSelfListReply = ReplyOf<typeof organizationSelfList>;
