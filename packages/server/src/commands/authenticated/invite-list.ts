import { type InviteListItem, inviteList } from "@parsec/protocol";
import { invitationCreator, invitationStatus } from "../../rules/invitation.ts";
import type { InvitationRow } from "../../store/port/invitations.ts";
import { authenticated } from "../handler.ts";
import type { AuthorScope } from "../scope.ts";

/** Spec 08b §8.6. Ended invitations are listed too. */
export const inviteListHandler = authenticated(inviteList).inTransaction(async (scope) => {
  const { tx, organizationId, author } = scope;
  const newUsers = author.user.currentProfile === "ADMIN";
  const invitations: InviteListItem[] = [];
  for (const invitation of await tx.invitations.greetedBy(organizationId, author.user.userId, { newUsers })) {
    invitations.push(await item(scope, invitation));
  }
  return { status: "ok", invitations };
});

async function item(scope: AuthorScope, invitation: InvitationRow): Promise<InviteListItem> {
  const { token, createdOn, target } = invitation;
  const createdBy = await invitationCreator(scope, invitation);
  const status = await invitationStatus(scope, invitation);
  const common = { token, createdOn, createdBy, status };
  if (target.type === "USER") return { type: "USER", ...common, claimerEmail: target.claimerEmail };
  if (target.type === "DEVICE") return { type: "DEVICE", ...common };
  return {
    type: "SHAMIR_RECOVERY",
    ...common,
    claimerUserId: target.claimer,
    shamirRecoveryCreatedOn: target.setupCreatedOn,
  };
}
