import { inviteSelfList } from "@parsec/protocol";
import type { AccessToken, EmailAddress, InvitationType, OrganizationId } from "@parsec/types";
import { invitationStatus } from "../../rules/invitation.ts";
import type { InvitationRow } from "../../store/port/invitations.ts";
import { authenticatedAccount } from "../handler.ts";
import type { AccountScope } from "../scope.ts";

/** Spec 08b §3: the open invitations of every organization for the account's e-mail. */
export const inviteSelfListHandler = authenticatedAccount(inviteSelfList).inTransaction(async (scope) => {
  const { tx, account } = scope;
  const invitations: (readonly [OrganizationId, AccessToken, InvitationType])[] = [];
  for (const { organizationId } of await tx.organizations.list()) {
    for (const invitation of await tx.invitations.list(organizationId)) {
      if ((await invitationStatus({ tx, organizationId }, invitation)) !== "PENDING") continue;
      if (!(await isFor(scope, organizationId, invitation, account.humanHandle.email))) continue;
      invitations.push([organizationId, invitation.token, invitation.target.type]);
    }
  }
  return { status: "ok", invitations };
});

async function isFor(
  { tx }: AccountScope,
  organizationId: OrganizationId,
  { target }: InvitationRow,
  email: EmailAddress,
): Promise<boolean> {
  if (target.type === "USER") return target.claimerEmail === email;
  const claimer = await tx.users.find(organizationId, target.claimer);
  return claimer !== undefined && claimer.revocation === null && claimer.humanHandle.email === email;
}
