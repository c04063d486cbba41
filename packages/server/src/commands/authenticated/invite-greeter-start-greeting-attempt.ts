import { inviteGreeterStartGreetingAttempt } from "@parsec/protocol";
import { startAttempt } from "../../rules/greeting.ts";
import { invitationStatus, isPossibleGreeter } from "../../rules/invitation.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §8.9. */
export const inviteGreeterStartGreetingAttemptHandler = authenticated(inviteGreeterStartGreetingAttempt).inTransaction(
  async (scope, { token }) => {
    const { tx, organizationId, author } = scope;
    const { userId } = author.user;
    await tx.lock(organizationId, "common", "read");
    const invitation = await tx.invitations.find(organizationId, token);
    if (invitation === undefined) return { status: "invitation_not_found" };
    const status = await invitationStatus(scope, invitation);
    if (status === "FINISHED") return { status: "invitation_completed" };
    if (status === "CANCELLED") return { status: "invitation_cancelled" };
    if (!(await isPossibleGreeter(scope, invitation, userId))) return { status: "author_not_allowed" };
    return { status: "ok", greetingAttempt: await startAttempt(scope, invitation, userId, "GREETER") };
  },
);
