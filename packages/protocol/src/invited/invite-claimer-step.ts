import { CancelledGreetingAttemptReason, DateTime, GreeterOrClaimer, GreetingAttemptId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { ClaimerStep, GreeterStep } from "../shared/greeting-step.ts";

/**
 * Gives the claimer's part of a step and asks for the greeter's; to be repeated with the same bytes while the reply
 * is `not_ready`. Needs a client of API 5.2 or later, else HTTP 422 (spec 05 §13.3).
 */
export const inviteClaimerStep = /* @__PURE__ */ command("invited", "invite_claimer_step", () => ({
  request: { greetingAttempt: GreetingAttemptId, claimerStep: ClaimerStep },
  replies: {
    ok: { greeterStep: GreeterStep },
    not_ready: {},
    greeter_revoked: {},
    greeter_not_allowed: {},
    greeting_attempt_not_found: {},
    greeting_attempt_not_joined: {},
    greeting_attempt_cancelled: {
      origin: GreeterOrClaimer,
      timestamp: DateTime,
      reason: CancelledGreetingAttemptReason,
    },
    step_too_advanced: {},
    step_mismatch: {},
  },
}));
export type InviteClaimerStepRequest = RequestOf<typeof inviteClaimerStep>;
export type InviteClaimerStepReply = ReplyOf<typeof inviteClaimerStep>;
