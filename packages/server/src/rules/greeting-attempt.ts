import type { GreetingAttemptId } from "@parsec/types";
import type { AuthorScope, InvitedScope } from "../commands/scope.ts";
import { invitationStatus, isPossibleGreeter } from "./invitation.ts";

/** The checks that greeter cancel and greeter step share (spec 08b §8.9): the attempt, or the error reply. */
export async function attemptOfGreeter(scope: AuthorScope, attemptId: GreetingAttemptId) {
  const { tx, organizationId, author } = scope;
  const { userId } = author.user;
  await tx.lock(organizationId, "common", "read");
  const attempt = await tx.invitations.findAttempt(organizationId, attemptId);
  const invitation = attempt && (await tx.invitations.find(organizationId, attempt.token));
  if (attempt === undefined || invitation === undefined) return { status: "greeting_attempt_not_found" } as const;
  const status = await invitationStatus(scope, invitation);
  if (status === "FINISHED") return { status: "invitation_completed" } as const;
  if (status === "CANCELLED") return { status: "invitation_cancelled" } as const;
  if (attempt.greeter !== userId) return { status: "greeting_attempt_not_found" } as const;
  if (!(await isPossibleGreeter(scope, invitation, userId))) return { status: "author_not_allowed" } as const;
  return { attempt };
}

/** The checks that claimer cancel and claimer step share (spec 08b §8.9): the attempt, or the error reply. */
export async function attemptOfClaimer(scope: InvitedScope, attemptId: GreetingAttemptId) {
  const { tx, organizationId, invitation } = scope;
  await tx.lock(organizationId, "common", "read");
  const attempt = await tx.invitations.findAttempt(organizationId, attemptId);
  if (attempt === undefined || attempt.token !== invitation.token) {
    return { status: "greeting_attempt_not_found" } as const;
  }
  const greeter = await tx.users.find(organizationId, attempt.greeter);
  if (greeter !== undefined && greeter.revocation !== null) return { status: "greeter_revoked" } as const;
  if (!(await isPossibleGreeter(scope, invitation, attempt.greeter))) return { status: "greeter_not_allowed" } as const;
  return { attempt };
}
