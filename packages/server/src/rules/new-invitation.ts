import { AccessToken } from "@parsec/types";
import type { AuthorScope } from "../commands/scope.ts";
import type { InvitationRow, InvitationTarget } from "../store/port/invitations.ts";
import { emitInvitation } from "./invitation.ts";

/**
 * The effect of the invite_new_* commands: the open invitation for that target, or a new one; its greeters are told in
 * both cases (spec 08b §8.2).
 */
export async function openInvitation(scope: AuthorScope, target: InvitationTarget): Promise<AccessToken> {
  const { tx, organizationId, author, now } = scope;
  // A shamir invitation is closed by the end of its setup too; but who opens one has an active setup in hand.
  const [existing] = await tx.invitations.openFor(organizationId, target);
  const invitation: InvitationRow = existing ?? {
    token: AccessToken.generate(),
    target,
    createdBy: author.device.deviceId,
    createdOn: now,
    ended: null,
  };
  if (existing === undefined) await tx.invitations.insert(organizationId, invitation);
  await emitInvitation(scope, invitation, "PENDING");
  return invitation.token;
}
