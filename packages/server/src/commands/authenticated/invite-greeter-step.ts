import { inviteGreeterStep } from "@parsec/protocol";
import { emitGreeting, greeterStep, refuseOldClients, stepIndex } from "../../rules/greeting.ts";
import { attemptOfGreeter } from "../../rules/greeting-attempt.ts";
import { authenticated } from "../handler.ts";
import { isReply } from "../reply.ts";

/** Spec 08b §8.9. */
export const inviteGreeterStepHandler = authenticated(inviteGreeterStep).inTransaction(async (scope, request) => {
  refuseOldClients(scope);
  const found = await attemptOfGreeter(scope, request.greetingAttempt);
  if (isReply(found)) return found;
  const { attempt } = found;
  if (attempt.cancellation !== null) return { status: "greeting_attempt_cancelled", ...attempt.cancellation };
  if (attempt.joined.GREETER === null) return { status: "greeting_attempt_not_joined" };
  const reply = await greeterStep(scope, attempt, request.greeterStep);
  const joined = reply.status === "ok" && stepIndex(request.greeterStep) === 0;
  if (joined) emitGreeting(scope, "GREETING_ATTEMPT_JOINED", attempt);
  return reply;
});
