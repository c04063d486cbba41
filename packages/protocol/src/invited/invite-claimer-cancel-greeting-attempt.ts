import { CancelledGreetingAttemptReason, DateTime, GreeterOrClaimer, GreetingAttemptId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Cancels a greeting attempt that the claimer has joined, with a reason for the greeter (spec 05 §13.3). */
export const inviteClaimerCancelGreetingAttempt = /* @__PURE__ */ command(
  "invited",
  "invite_claimer_cancel_greeting_attempt",
  () => ({
    request: { greetingAttempt: GreetingAttemptId, reason: CancelledGreetingAttemptReason },
    replies: {
      ok: {},
      greeter_revoked: {},
      greeter_not_allowed: {},
      greeting_attempt_not_found: {},
      greeting_attempt_not_joined: {},
      greeting_attempt_already_cancelled: {
        origin: GreeterOrClaimer,
        timestamp: DateTime,
        reason: CancelledGreetingAttemptReason,
      },
    },
  }),
);
export type InviteClaimerCancelGreetingAttemptRequest = RequestOf<typeof inviteClaimerCancelGreetingAttempt>;
export type InviteClaimerCancelGreetingAttemptReply = ReplyOf<typeof inviteClaimerCancelGreetingAttempt>;
