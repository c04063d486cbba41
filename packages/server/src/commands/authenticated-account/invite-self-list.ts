import { inviteSelfList } from "@parsec/protocol";
import type { AccessToken, InvitationType, OrganizationId, UserId } from "@parsec/types";
import type { InvitationRow } from "../../store/port/invitations.ts";
import { authenticatedAccount } from "../handler.ts";
import type { AccountScope } from "../scope.ts";

type Listed = readonly [OrganizationId, AccessToken, InvitationType];

/**
 * Spec 07 §6.4: the open invitations for the account's e-mail. Where it is an active user, those whose claimer is that
 * user; elsewhere those of a new user.
 */
export const inviteSelfListHandler = authenticatedAccount(inviteSelfList).inTransaction(async (scope) => {
  const { tx, account } = scope;
  const { email } = account.humanHandle;
  const active = new Map<OrganizationId, UserId>();
  for (const { organizationId, user } of await tx.users.findEverywhere(email)) {
    if (user.revocation === null) active.set(organizationId, user.userId);
  }
  const invitations: Listed[] = [];
  for (const { organizationId, invitation } of await tx.invitations.openForEmail(email)) {
    if (!active.has(organizationId)) invitations.push(listed(organizationId, invitation));
  }
  for (const [organizationId, claimer] of active) {
    for (const invitation of await claimedBy(scope, organizationId, claimer)) {
      invitations.push(listed(organizationId, invitation));
    }
  }
  return { status: "ok", invitations };
});

/** The pending invitations that a user of the organization may claim. */
async function claimedBy({ tx }: AccountScope, organizationId: OrganizationId, claimer: UserId) {
  const open = await tx.invitations.openFor(organizationId, { type: "DEVICE", claimer });
  const setup = await tx.shamir.findActive(organizationId, claimer);
  if (setup === undefined) return open;
  const { createdOn: setupCreatedOn } = setup;
  const toRecover = await tx.invitations.openFor(organizationId, { type: "SHAMIR_RECOVERY", claimer, setupCreatedOn });
  return [...open, ...toRecover];
}

function listed(organizationId: OrganizationId, { token, target }: InvitationRow): Listed {
  return [organizationId, token, target.type];
}
