import { CancelledGreetingAttemptReason, DateTime, GreeterOrClaimer, GreetingAttemptId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { ClaimerStep, GreeterStep } from "../shared/greeting-step.ts";

/**
 * Gives the greeter's part of a step and asks for the claimer's; to be repeated with the same bytes while the reply
 * is `not_ready`. Needs a client of API 5.2 or later, else HTTP 422 (spec 05 §13.1).
 */
export const inviteGreeterStep = /* @__PURE__ */ command("authenticated", "invite_greeter_step", () => ({
  request: { greetingAttempt: GreetingAttemptId, greeterStep: GreeterStep },
  replies: {
    ok: { claimerStep: ClaimerStep },
    not_ready: {},
    invitation_completed: {},
    invitation_cancelled: {},
    author_not_allowed: {},
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
export type InviteGreeterStepRequest = RequestOf<typeof inviteGreeterStep>;
export type InviteGreeterStepReply = ReplyOf<typeof inviteGreeterStep>;
