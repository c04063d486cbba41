import { inviteNewShamirRecovery } from "@parsec/protocol";
import { sendInvitationMail } from "../../mail/invitation-mail.ts";
import { openInvitation } from "../../rules/new-invitation.ts";
import { authenticated } from "../handler.ts";
import { isReply } from "../reply.ts";

/** Spec 08b §8.4. */
export const inviteNewShamirRecoveryHandler = authenticated(inviteNewShamirRecovery).inSteps(async (call, request) => {
  const { claimerUserId, sendEmail } = request;
  const opened = await call.transaction(async (scope) => {
    const { tx, organizationId, author } = scope;
    await tx.lock(organizationId, "common", "read");
    const claimer = await tx.users.find(organizationId, claimerUserId);
    if (claimer === undefined) return { status: "user_not_found" } as const;
    const setup = await tx.shamir.findActive(organizationId, claimerUserId);
    const holdsShare = setup?.shares.some(({ recipient }) => recipient === author.user.userId) ?? false;
    if (setup === undefined || !holdsShare) return { status: "author_not_allowed" } as const;
    const { createdOn: setupCreatedOn } = setup;
    const token = await openInvitation(scope, { type: "SHAMIR_RECOVERY", claimer: claimerUserId, setupCreatedOn });
    return { token, organizationId, greeter: author.user.humanHandle, recipient: claimer.humanHandle.email };
  });
  if (isReply(opened)) return opened;
  const { token } = opened;
  const emailSent = sendEmail
    ? await sendInvitationMail(call.server, { ...opened, invitationType: "SHAMIR_RECOVERY" })
    : "SUCCESS";
  return { status: "ok", token, emailSent };
});
