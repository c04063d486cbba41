import { GreetingAttemptId, UserId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/**
 * Joins the greeting attempt of this invitation and a greeter. When the claimer had joined it before, that attempt
 * is cancelled and a new one starts (spec 05 §13.3).
 */
export const inviteClaimerStartGreetingAttempt = /* @__PURE__ */ command(
  "invited",
  "invite_claimer_start_greeting_attempt",
  () => ({
    request: { greeter: UserId },
    replies: {
      ok: { greetingAttempt: GreetingAttemptId },
      greeter_not_found: {},
      greeter_revoked: {},
      greeter_not_allowed: {},
    },
  }),
);
export type InviteClaimerStartGreetingAttemptRequest = RequestOf<typeof inviteClaimerStartGreetingAttempt>;
export type InviteClaimerStartGreetingAttemptReply = ReplyOf<typeof inviteClaimerStartGreetingAttempt>;
