import { inviteClaimerStartGreetingAttempt } from "@parsec/protocol";
import { startAttempt } from "../../rules/greeting.ts";
import { isPossibleGreeter } from "../../rules/invitation.ts";
import { invited } from "../handler.ts";

/** Spec 08b §8.9. */
export const inviteClaimerStartGreetingAttemptHandler = invited(inviteClaimerStartGreetingAttempt).inTransaction(
  async (scope, { greeter }) => {
    const { server, client, tx, organizationId, invitation, now } = scope;
    await tx.lock(organizationId, "common", "read");
    const user = await tx.users.find(organizationId, greeter);
    if (user === undefined) return { status: "greeter_not_found" };
    if (user.revocation !== null) return { status: "greeter_revoked" };
    if (!(await isPossibleGreeter(scope, invitation, greeter))) return { status: "greeter_not_allowed" };
    server.sourceUsage.take(client, "greetingAttempts", 1, server.config.limits, now);
    return { status: "ok", greetingAttempt: await startAttempt(scope, invitation, greeter, "CLAIMER") };
  },
);
