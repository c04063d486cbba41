import { equalBytes } from "@parsec/base";
import { ClaimerStep, GreeterStep } from "@parsec/protocol";
import { type CancelledGreetingAttemptReason, decode, encode, GreetingAttemptId, type UserId } from "@parsec/types";
import type { OrganizationScope } from "../commands/scope.ts";
import { HttpAbort } from "../http-abort.ts";
import type { GreetingAttemptRow, InvitationRow, Peer } from "../store/port/invitations.ts";

/** The first API version whose SAS codes agree with today's (spec 08b §8.9). */
const firstRevisionOfSteps = 2;

/** Older clients compute other SAS codes: they get HTTP 422. */
export function refuseOldClients({ client }: OrganizationScope): void {
  const { major, revision } = client.apiVersion;
  if (major === 5 && revision < firstRevisionOfSteps) throw new HttpAbort("unsupportedApiVersion");
}

/**
 * A peer starts (spec 08b §8.9): it joins the attempt that the other has opened, or a new one. A peer that had joined
 * already gives up that attempt, silently.
 */
export async function startAttempt(
  scope: OrganizationScope,
  { token }: InvitationRow,
  greeter: UserId,
  peer: Peer,
): Promise<GreetingAttemptId> {
  const { server, tx, organizationId, now } = scope;
  const last = (await tx.invitations.attempts(organizationId, token, greeter)).at(-1);
  const active = last?.cancellation === null ? last : undefined;
  if (active !== undefined && active.joined[peer] === null) {
    await tx.invitations.putAttempt(organizationId, { ...active, joined: { ...active.joined, [peer]: now } });
    return active.attemptId;
  }
  if (active !== undefined) await endAttempt(scope, active, peer, "AUTOMATICALLY_CANCELLED");
  const attemptId = GreetingAttemptId.generate();
  const joined = { GREETER: null, CLAIMER: null, [peer]: now };
  await tx.invitations.putAttempt(organizationId, { attemptId, token, greeter, joined, cancellation: null });
  // Starting again and again leaves no more behind than this.
  await tx.invitations.forgetAttempts(organizationId, token, greeter, server.config.limits.greetingAttempts);
  return attemptId;
}

/** An explicit cancellation by a peer; the greeter is told. */
export async function cancelAttempt(
  scope: OrganizationScope,
  attempt: GreetingAttemptRow,
  origin: Peer,
  reason: CancelledGreetingAttemptReason,
): Promise<void> {
  await endAttempt(scope, attempt, origin, reason);
  emitGreeting(scope, "GREETING_ATTEMPT_CANCELLED", attempt);
}

/** The attempt is over: nobody can read any more what was said. */
async function endAttempt(
  { tx, organizationId, now }: OrganizationScope,
  attempt: GreetingAttemptRow,
  origin: Peer,
  reason: CancelledGreetingAttemptReason,
): Promise<void> {
  const cancellation = { origin, reason, timestamp: now };
  await tx.invitations.putAttempt(organizationId, { ...attempt, cancellation });
  await tx.invitations.removeSteps(organizationId, attempt.attemptId);
}

export function emitGreeting(
  { tx, organizationId }: Pick<OrganizationScope, "tx" | "organizationId">,
  type: "GREETING_ATTEMPT_READY" | "GREETING_ATTEMPT_JOINED" | "GREETING_ATTEMPT_CANCELLED",
  { token, attemptId, greeter }: GreetingAttemptRow,
): void {
  tx.emit({ type, organizationId, token, greetingAttempt: attemptId, greeter });
}

/** The index of a step, 0 to 8: the digit of its name. */
export function stepIndex({ step }: GreeterStep | ClaimerStep): number {
  return Number(/\d/.exec(step)?.[0]);
}

/** The step rules of spec 08b §8.9: the other peer's encoded step, or a status. */
async function exchange(
  { tx, organizationId }: OrganizationScope,
  { attemptId }: GreetingAttemptRow,
  peer: Peer,
  index: number,
  data: Uint8Array,
) {
  if (index > 0) {
    const previous = await tx.invitations.step(organizationId, attemptId, index - 1);
    if (previous.GREETER === null || previous.CLAIMER === null) return { status: "step_too_advanced" } as const;
  }
  const step = await tx.invitations.step(organizationId, attemptId, index);
  const own = step[peer];
  if (own !== null && !equalBytes(own, data)) return { status: "step_mismatch" } as const;
  if (own === null) await tx.invitations.putStep(organizationId, attemptId, index, { ...step, [peer]: data });
  const other = step[peer === "GREETER" ? "CLAIMER" : "GREETER"];
  return other === null ? ({ status: "not_ready" } as const) : { peerStep: other };
}

/** The greeter gives its part of a step: the claimer's part, or a status. */
export async function greeterStep(scope: OrganizationScope, attempt: GreetingAttemptRow, step: GreeterStep) {
  const result = await exchange(scope, attempt, "GREETER", stepIndex(step), encode(GreeterStep, step));
  return result.peerStep === undefined
    ? { status: result.status }
    : ({ status: "ok", claimerStep: decode(ClaimerStep, result.peerStep) } as const);
}

/** The claimer gives its part of a step: the greeter's part, or a status. */
export async function claimerStep(scope: OrganizationScope, attempt: GreetingAttemptRow, step: ClaimerStep) {
  const result = await exchange(scope, attempt, "CLAIMER", stepIndex(step), encode(ClaimerStep, step));
  return result.peerStep === undefined
    ? { status: result.status }
    : ({ status: "ok", greeterStep: decode(GreeterStep, result.peerStep) } as const);
}
