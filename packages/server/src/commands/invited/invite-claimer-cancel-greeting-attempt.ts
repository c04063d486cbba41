import { inviteClaimerCancelGreetingAttempt } from "@parsec/protocol";
import { cancelAttempt } from "../../rules/greeting.ts";
import { attemptOfClaimer } from "../../rules/greeting-attempt.ts";
import { invited } from "../handler.ts";
import { isReply } from "../reply.ts";

/** Spec 08b §8.9. */
export const inviteClaimerCancelGreetingAttemptHandler = invited(inviteClaimerCancelGreetingAttempt).inTransaction(
  async (scope, { greetingAttempt, reason }) => {
    const found = await attemptOfClaimer(scope, greetingAttempt);
    if (isReply(found)) return found;
    const { attempt } = found;
    if (attempt.cancellation !== null) return { status: "greeting_attempt_already_cancelled", ...attempt.cancellation };
    if (attempt.joined.CLAIMER === null) return { status: "greeting_attempt_not_joined" };
    await cancelAttempt(scope, attempt, "CLAIMER", reason);
    return { status: "ok" };
  },
);
