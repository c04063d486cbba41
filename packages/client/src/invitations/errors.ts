import { ParsecError, type ParsecErrorOptions } from "@parsec/base";
import type { ConnectionError } from "@parsec/connection";
import type { DeviceError, SaveDeviceErrorCode } from "@parsec/device";
import type { StorageError } from "@parsec/storage";
import type {
  CancelledGreetingAttemptReason,
  DateTime,
  DeviceLabelError,
  EmailAddressError,
  GreeterOrClaimer,
  HumanHandleError,
} from "@parsec/types";
import type { PollError } from "../certificates/certificates.ts";
import type { NewDeviceError } from "../devices/new-device.ts";
import type { ClockDriftError, GreaterTimestampError, UnexpectedReplyError } from "../errors.ts";
import type { RecoveryShareError } from "../shamir-recovery/errors.ts";

/** What each refusal of an invitation or a greeting means, and what to do about it. */
const refusals = {
  INVITATION_NOT_FOUND: "the server does not know this invitation: ask for another one",
  INVITATION_COMPLETED: "the invitation was used: make another one",
  INVITATION_CANCELLED: "the invitation was cancelled: make another one",
  GREETER_NOT_FOUND: "nobody of that identity can greet: choose another greeter",
  GREETER_NOT_ALLOWED: "this person may not greet for this invitation (any more): choose another greeter",
  CLAIMER_ALREADY_ENROLLED: "an active user of the organization has this e-mail address already",
  CLAIMER_NOT_FOUND: "the organization has no such user",
  RECIPIENT_NOT_FOUND: "this user holds no share of the device: choose another recipient",
  RECIPIENT_REVOKED: "this recipient is revoked, and cannot help any more: choose another one",
  RECIPIENT_ALREADY_PICKED: "this recipient has given their share already: choose another one",
  RECOVERY_SECRET_CORRUPTED: "the shares do not fit together: somebody gave a wrong one, meet the recipients again",
  RECOVERY_DATA_NOT_FOUND: "the server does not have what the shares open: the recovery was set up anew or deleted",
  RECOVERY_DATA_CORRUPTED: "what the server has of the lost device cannot be opened with the shares",
  NOT_ALLOWED: "your profile, or what you hold of a recovery, does not allow this",
  SHARED_SECRET_CORRUPTED: "the peer sent a key that no honest peer sends: somebody may be in between, start over",
  NONCE_MISMATCH: "the peer did not send what it had committed to: somebody may be in between, start over",
  SAS_CODE_MISMATCH: "the code chosen is not the one that the peer shows: somebody may be in between, start over",
  PEER_PAYLOAD_CORRUPTED: "what the peer sent cannot be read: both sides start over",
  ACTIVE_USERS_LIMIT_REACHED: "the organization has as many active users as it may have",
  HUMAN_HANDLE_TAKEN: "an active user of the organization has this e-mail address already",
  USER_ALREADY_EXISTS: "the server knows this user already: try again",
  DEVICE_ALREADY_EXISTS: "the server knows this device already: try again",
  USER_CREATE_NOT_ALLOWED: "only an ADMIN adds users",
} as const;

export type InvitationErrorCode = keyof typeof refusals;

/** An invitation or a greeting came to an end without result, for the reason that `code` names. */
export class InvitationError<Code extends InvitationErrorCode = InvitationErrorCode> extends ParsecError<Code> {
  override readonly name: string = "InvitationError";
  constructor(code: Code, options?: ParsecErrorOptions) {
    super(code, `Refused: ${refusals[code]}`, options);
  }
}

/** One of the two sides gave up this attempt, or started another one: begin again. */
export class GreetingCancelledError extends ParsecError<"GREETING_CANCELLED"> {
  override readonly name: string = "GreetingCancelledError";
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

/** What each step of a greeting may end with, on either side. An abort rejects with `signal.reason`. */
type StepError =
  | InvitationError<"GREETER_NOT_ALLOWED">
  | GreetingCancelledError
  | ConnectionError
  | UnexpectedReplyError;

/** What a step of the greeter may end with (spec 09b §3.3). */
export type GreeterStepError = StepError | InvitationError<"INVITATION_COMPLETED" | "INVITATION_CANCELLED">;

/**
 * What a step of the claimer may end with (spec 09b §3.2). An invitation that was used or cancelled meanwhile is the
 * `INVITATION_ALREADY_USED_OR_DELETED` of the connection.
 */
export type ClaimerStepError = StepError;

/** What waiting for the claimer may end with. */
export type MeetClaimerError =
  | GreeterStepError
  | InvitationError<"INVITATION_NOT_FOUND" | "SHARED_SECRET_CORRUPTED" | "NONCE_MISMATCH">;

/** What waiting for a greeter may end with. */
export type MeetGreeterError = ClaimerStepError | InvitationError<"GREETER_NOT_FOUND" | "SHARED_SECRET_CORRUPTED">;

/** What the end of a greeting adds to its steps. */
type FinishError = GreeterStepError | InvitationError<"INVITATION_NOT_FOUND"> | ClockDriftError | GreaterTimestampError;

/** See `UserRequest.createUser`. */
export type CreateUserError =
  | FinishError
  | InvitationError<
      "USER_CREATE_NOT_ALLOWED" | "ACTIVE_USERS_LIMIT_REACHED" | "HUMAN_HANDLE_TAKEN" | "USER_ALREADY_EXISTS"
    >;

/** See `DeviceRequest.createDevice`. */
export type CreateDeviceError = FinishError | InvitationError<"DEVICE_ALREADY_EXISTS">;

/**
 * What a claim may end with. A `DeviceError`, a `StorageError`, or an error of the greeting may come when the greeter
 * has made the device already: if its file is complete, it waits among the unconfirmed devices.
 */
export type ClaimError =
  | ClaimerStepError
  | InvitationError<"PEER_PAYLOAD_CORRUPTED">
  | HumanHandleError
  | DeviceLabelError
  | DeviceError<SaveDeviceErrorCode>
  | StorageError;

/** See `Invitations.greetRecovery`. */
export type GreetRecoveryError =
  | InvitationError<"INVITATION_NOT_FOUND">
  | RecoveryShareError
  | PollError
  | MeetClaimerError;

/** See `RecoverableDevice.recover`. */
export type RecoverDeviceError =
  | InvitationError<"RECOVERY_DATA_NOT_FOUND" | "RECOVERY_DATA_CORRUPTED">
  | NewDeviceError;

/** See `Invitations.inviteUser`. */
export type InviteUserError =
  | EmailAddressError
  | InvitationError<"NOT_ALLOWED" | "CLAIMER_ALREADY_ENROLLED">
  | ConnectionError
  | UnexpectedReplyError;

/** See `Invitations.inviteRecovery`. */
export type InviteRecoveryError =
  | InvitationError<"NOT_ALLOWED" | "CLAIMER_NOT_FOUND">
  | ConnectionError
  | UnexpectedReplyError;

/** See `Invitations.cancel`. */
export type CancelInvitationError =
  | InvitationError<"NOT_ALLOWED" | "INVITATION_COMPLETED" | "INVITATION_CANCELLED" | "INVITATION_NOT_FOUND">
  | ConnectionError
  | UnexpectedReplyError;
