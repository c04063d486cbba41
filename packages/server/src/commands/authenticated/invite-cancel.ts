import { inviteCancel } from "@parsec/protocol";
import { emitInvitation, invitationStatus, isClaimer, isPossibleGreeter } from "../../rules/invitation.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §8.5. */
export const inviteCancelHandler = authenticated(inviteCancel).inTransaction(async (scope, { token }) => {
  const { tx, organizationId, author, now } = scope;
  await tx.lock(organizationId, "common", "read");
  const invitation = await tx.invitations.find(organizationId, token);
  if (invitation === undefined) return { status: "invitation_not_found" };
  const status = await invitationStatus(scope, invitation);
  if (status === "FINISHED") return { status: "invitation_completed" };
  if (status === "CANCELLED") return { status: "invitation_already_cancelled" };
  const concerned =
    isClaimer(invitation, author.user) || (await isPossibleGreeter(scope, invitation, author.user.userId));
  if (!concerned) return { status: "author_not_allowed" };

  const by = author.device.deviceId;
  await tx.invitations.setEnded(organizationId, token, { on: now, reason: "CANCELLED", by });
  await emitInvitation(scope, invitation, "CANCELLED");
  return { status: "ok" };
});
