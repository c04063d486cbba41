import { inviteGreeterCancelGreetingAttempt } from "@parsec/protocol";
import { cancelAttempt } from "../../rules/greeting.ts";
import { attemptOfGreeter } from "../../rules/greeting-attempt.ts";
import { authenticated } from "../handler.ts";
import { isReply } from "../reply.ts";

/** Spec 08b §8.9. */
export const inviteGreeterCancelGreetingAttemptHandler = authenticated(
  inviteGreeterCancelGreetingAttempt,
).inTransaction(async (scope, { greetingAttempt, reason }) => {
  const found = await attemptOfGreeter(scope, greetingAttempt);
  if (isReply(found)) return found;
  const { attempt } = found;
  if (attempt.cancellation !== null) return { status: "greeting_attempt_already_cancelled", ...attempt.cancellation };
  if (attempt.joined.GREETER === null) return { status: "greeting_attempt_not_joined" };
  await cancelAttempt(scope, attempt, "GREETER", reason);
  return { status: "ok" };
});
