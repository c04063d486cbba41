import { inviteClaimerStep } from "@parsec/protocol";
import { claimerStep, emitGreeting, refuseOldClients, stepIndex } from "../../rules/greeting.ts";
import { attemptOfClaimer } from "../../rules/greeting-attempt.ts";
import { invited } from "../handler.ts";
import { isReply } from "../reply.ts";

/** Spec 08b §8.9. */
export const inviteClaimerStepHandler = invited(inviteClaimerStep).inTransaction(async (scope, request) => {
  refuseOldClients(scope);
  const found = await attemptOfClaimer(scope, request.greetingAttempt);
  if (isReply(found)) return found;
  const { attempt } = found;
  if (attempt.cancellation !== null) return { status: "greeting_attempt_cancelled", ...attempt.cancellation };
  if (attempt.joined.CLAIMER === null) return { status: "greeting_attempt_not_joined" };
  const reply = await claimerStep(scope, attempt, request.claimerStep);
  const waiting = reply.status === "not_ready" && stepIndex(request.claimerStep) === 0;
  if (waiting) emitGreeting(scope, "GREETING_ATTEMPT_READY", attempt);
  return reply;
});
