import { AccessToken, GreetingAttemptId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";

/**
 * Joins the greeting attempt of an invitation and this greeter. When the greeter had joined it before, that attempt
 * is cancelled and a new one starts (spec 05 §13.1).
 */
export const inviteGreeterStartGreetingAttempt = /* @__PURE__ */ command(
  "authenticated",
  "invite_greeter_start_greeting_attempt",
  () => ({
    request: { token: AccessToken },
    replies: {
      ok: { greetingAttempt: GreetingAttemptId },
      invitation_not_found: {},
      invitation_completed: {},
      invitation_cancelled: {},
      author_not_allowed: {},
    },
  }),
);
export type InviteGreeterStartGreetingAttemptRequest = RequestOf<typeof inviteGreeterStartGreetingAttempt>;
export type InviteGreeterStartGreetingAttemptReply = ReplyOf<typeof inviteGreeterStartGreetingAttempt>;
