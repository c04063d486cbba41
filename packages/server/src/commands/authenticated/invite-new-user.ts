import { inviteNewUser } from "@parsec/protocol";
import { sendInvitationMail } from "../../mail/invitation-mail.ts";
import { openInvitation } from "../../rules/new-invitation.ts";
import { authenticated } from "../handler.ts";
import { isReply } from "../reply.ts";

/** Spec 08b §8.2. */
export const inviteNewUserHandler = authenticated(inviteNewUser).inSteps(async (call, request) => {
  const { claimerEmail, sendEmail } = request;
  const opened = await call.transaction(async (scope) => {
    const { tx, organizationId, author } = scope;
    if (author.user.currentProfile !== "ADMIN") return { status: "author_not_allowed" } as const;
    await tx.lock(organizationId, "common", "read");
    if ((await tx.users.findActiveByEmail(organizationId, claimerEmail)) !== undefined) {
      return { status: "claimer_email_already_enrolled" } as const;
    }
    const token = await openInvitation(scope, { type: "USER", claimerEmail });
    return { token, organizationId, greeter: author.user.humanHandle };
  });
  if (isReply(opened)) return opened;
  const { token } = opened;
  const emailSent = sendEmail
    ? await sendInvitationMail(call.server, { ...opened, invitationType: "USER", recipient: claimerEmail })
    : "SUCCESS";
  return { status: "ok", token, emailSent };
});
