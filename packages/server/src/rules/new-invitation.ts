import { AccessToken } from "@parsec/types";
import type { AuthorScope } from "../commands/scope.ts";
import type { InvitationRow, InvitationTarget } from "../store/port/invitations.ts";
import { emitInvitation, invitationStatus } from "./invitation.ts";

/**
 * The effect of the invite_new_* commands: the open invitation for that target, or a new one; its greeters are told in
 * both cases (spec 08b §8.2).
 */
export async function openInvitation(scope: AuthorScope, target: InvitationTarget): Promise<AccessToken> {
  const { tx, organizationId, author, now } = scope;
  const existing = await findOpen(scope, target);
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

async function findOpen(scope: AuthorScope, target: InvitationTarget): Promise<InvitationRow | undefined> {
  const wanted = targetKey(target);
  for (const invitation of await scope.tx.invitations.list(scope.organizationId)) {
    if (targetKey(invitation.target) !== wanted) continue;
    if ((await invitationStatus(scope, invitation)) === "PENDING") return invitation;
  }
  return undefined;
}

/** Two invitations for the same thing have the same key. */
function targetKey(target: InvitationTarget): string {
  if (target.type === "USER") return `user ${target.claimerEmail}`;
  if (target.type === "DEVICE") return `device ${target.claimer}`;
  return `shamir ${target.claimer} ${target.setupCreatedOn}`;
}
