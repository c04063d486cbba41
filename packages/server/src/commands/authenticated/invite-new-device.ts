import { inviteNewDevice } from "@parsec/protocol";
import { sendInvitationMail } from "../../mail/invitation-mail.ts";
import { openInvitation } from "../../rules/new-invitation.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §8.3. */
export const inviteNewDeviceHandler = authenticated(inviteNewDevice).inSteps(async (call, { sendEmail }) => {
  const opened = await call.transaction(async (scope) => {
    const { tx, organizationId, author } = scope;
    await tx.lock(organizationId, "common", "read");
    const token = await openInvitation(scope, { type: "DEVICE", claimer: author.user.userId });
    return { token, organizationId, greeter: author.user.humanHandle };
  });
  const { token, greeter } = opened;
  const emailSent = sendEmail
    ? await sendInvitationMail(call.server, { ...opened, invitationType: "DEVICE", recipient: greeter.email })
    : "SUCCESS";
  return { status: "ok", token, emailSent };
});
