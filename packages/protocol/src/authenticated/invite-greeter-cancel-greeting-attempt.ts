import { CancelledGreetingAttemptReason, DateTime, GreeterOrClaimer, GreetingAttemptId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/** Cancels a greeting attempt that the greeter has joined, with a reason for the claimer (spec 05 §13.1). */
export const inviteGreeterCancelGreetingAttempt = /* @__PURE__ */ command(
  "authenticated",
  "invite_greeter_cancel_greeting_attempt",
  () => ({
    request: { greetingAttempt: GreetingAttemptId, reason: CancelledGreetingAttemptReason },
    replies: {
      ok: {},
      invitation_completed: {},
      invitation_cancelled: {},
      author_not_allowed: {},
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
export type InviteGreeterCancelGreetingAttemptRequest = RequestOf<typeof inviteGreeterCancelGreetingAttempt>;
export type InviteGreeterCancelGreetingAttemptReply = ReplyOf<typeof inviteGreeterCancelGreetingAttempt>;
