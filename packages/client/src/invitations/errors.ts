import { ParsecError, type ParsecErrorOptions } from "@parsec/base";
import type { CancelledGreetingAttemptReason, DateTime, GreeterOrClaimer } from "@parsec/types";

/** What each refusal of an invitation or a greeting means, and what to do about it. */
const refusals = {
  INVITATION_NOT_FOUND: "the server does not know this invitation: ask for another one",
  INVITATION_DELETED: "the invitation was used or cancelled: make or ask for another one",
  GREETER_NOT_ALLOWED: "this person may not greet for this invitation (any more): choose another greeter",
  CLAIMER_ALREADY_ENROLLED: "an active user of the organization has this e-mail address already",
  NOT_ALLOWED: "your profile does not allow this",
  SHARED_SECRET_CORRUPTED: "the peer sent a key that no honest peer sends: somebody may be in between, start over",
  NONCE_MISMATCH: "the peer did not send what it had committed to: somebody may be in between, start over",
  PEER_PAYLOAD_CORRUPTED: "what the peer sent cannot be read: both sides start over",
  ACTIVE_USERS_LIMIT_REACHED: "the organization has as many active users as it may have",
  HUMAN_HANDLE_TAKEN: "an active user of the organization has this e-mail address already",
  USER_ALREADY_EXISTS: "the server knows this user already: start over",
  DEVICE_ALREADY_EXISTS: "the server knows this device already: start over",
  USER_CREATE_NOT_ALLOWED: "only an ADMIN adds users",
} as const;

export type InvitationErrorCode = keyof typeof refusals;

/** An invitation or a greeting came to an end without result, for the reason that `code` names. */
export class InvitationError<Code extends InvitationErrorCode = InvitationErrorCode> extends ParsecError<Code> {
  constructor(code: Code, options?: ParsecErrorOptions) {
    super(code, `Refused: ${refusals[code]}`, options);
  }
}

/** One of the two sides gave up this attempt, or started another one: begin again. */
export class GreetingCancelledError extends ParsecError<"GREETING_CANCELLED"> {
  readonly origin: GreeterOrClaimer;
  readonly reason: CancelledGreetingAttemptReason;
  readonly timestamp: DateTime;

  constructor(cancelled: GreetingCancelled) {
    super(
      "GREETING_CANCELLED",
      `The ${cancelled.origin.toLowerCase()} ended the greeting (${cancelled.reason}): start over`,
    );
    this.origin = cancelled.origin;
    this.reason = cancelled.reason;
    this.timestamp = cancelled.timestamp;
  }
}

export interface GreetingCancelled {
  readonly origin: GreeterOrClaimer;
  readonly reason: CancelledGreetingAttemptReason;
  readonly timestamp: DateTime;
}
