import { ParsecError, type ParsecErrorOptions } from "@parsec/base";
import type { ConnectionError } from "@parsec/connection";
import type { DeviceError, LoadDeviceErrorCode, OpenBaoError, SaveDeviceErrorCode } from "@parsec/device";
import type { DateTime } from "@parsec/types";
import type { ClockDriftError, GreaterTimestampError, UnexpectedReplyError } from "../errors.ts";
import type { IdentitySystem } from "./identity.ts";

/** What each refusal of an enrollment means, and what to do about it. */
const refusals = {
  ACTIVE_USERS_LIMIT_REACHED: "the organization has as many active users as it may have",
  BAD_ACCEPT_PAYLOAD: "the answer is not that of a trusted administrator: somebody may be in between",
  BAD_SUBMIT_PAYLOAD: "the request is not that of a person who can be trusted: do not accept it",
  CERTIFICATE_REFUSED: "the server does not take this certificate and those that vouch for it",
  EMAIL_ALREADY_ENROLLED: "an active user of the organization has this e-mail address already",
  EMAIL_ALREADY_SUBMITTED: "a request of this e-mail address waits already: submit again with `replace` to cancel it",
  ENROLLMENT_ALREADY_ACCEPTED: "the enrollment was accepted meanwhile: complete it, or forget it",
  ENROLLMENT_COMPLETED: "the enrollment was completed already: log in with the device",
  ENROLLMENT_NOT_ACCEPTED: "no administrator has accepted the enrollment (yet): ask for its status",
  ENROLLMENT_NOT_FOUND: "the server does not know this enrollment",
  ENROLLMENT_NO_LONGER_AVAILABLE: "the enrollment was accepted, rejected or cancelled already",
  HUMAN_HANDLE_TAKEN: "an active user of the organization has this e-mail address already",
  IDENTITY_MISMATCH: "the other side identifies itself in another way",
  NOT_ALLOWED: "only an ADMIN answers enrollments",
  OWN_CERTIFICATE_UNUSABLE: "the own certificate cannot be used for this: see the cause",
  UNTRUSTED_SIGNATURE: "the signature, or its author, is not to be trusted",
} as const;

export type EnrollmentErrorCode = keyof typeof refusals;

/** An enrollment, or an answer to one, was refused for the reason that `code` names. */
export class EnrollmentError<Code extends EnrollmentErrorCode = EnrollmentErrorCode> extends ParsecError<Code> {
  override readonly name: string = "EnrollmentError";
  constructor(code: Code, options?: ParsecErrorOptions) {
    super(code, `Refused: ${refusals[code]}`, options);
  }
}

/** An earlier request of the same address waits for an answer. */
export class EmailAlreadySubmittedError extends EnrollmentError<"EMAIL_ALREADY_SUBMITTED"> {
  override readonly name: string = "EmailAlreadySubmittedError";
  readonly submittedOn: DateTime;
  constructor(submittedOn: DateTime) {
    super("EMAIL_ALREADY_SUBMITTED");
    this.submittedOn = submittedOn;
  }
}

/** Only two sides of the same system can trust each other. */
export class IdentityMismatchError extends EnrollmentError<"IDENTITY_MISMATCH"> {
  override readonly name: string = "IdentityMismatchError";
  readonly own: IdentitySystem;
  readonly peer: IdentitySystem;
  constructor(own: IdentitySystem, peer: IdentitySystem) {
    super("IDENTITY_MISMATCH");
    this.own = own;
    this.peer = peer;
  }
}

/** What asking the server, and a third party, may end with. */
type IdentityError =
  | EnrollmentError<"OWN_CERTIFICATE_UNUSABLE">
  | OpenBaoError
  | ConnectionError
  | UnexpectedReplyError;

/** See `Enrollments.submit`. */
export type SubmitEnrollmentError =
  | IdentityError
  | EnrollmentError<"CERTIFICATE_REFUSED" | "EMAIL_ALREADY_ENROLLED" | "EMAIL_ALREADY_SUBMITTED">
  | DeviceError<SaveDeviceErrorCode>;

/** See `Enrollments.complete`. */
export type CompleteEnrollmentError =
  | IdentityError
  | EnrollmentError<
      | "BAD_ACCEPT_PAYLOAD"
      | "ENROLLMENT_COMPLETED"
      | "ENROLLMENT_NOT_ACCEPTED"
      | "ENROLLMENT_NOT_FOUND"
      | "IDENTITY_MISMATCH"
    >
  | DeviceError<LoadDeviceErrorCode | SaveDeviceErrorCode>;

/** See `EnrollmentRequest.accept`. */
export type AcceptEnrollmentError =
  | IdentityError
  | EnrollmentError<
      | "ACTIVE_USERS_LIMIT_REACHED"
      | "BAD_SUBMIT_PAYLOAD"
      | "CERTIFICATE_REFUSED"
      | "ENROLLMENT_NO_LONGER_AVAILABLE"
      | "ENROLLMENT_NOT_FOUND"
      | "HUMAN_HANDLE_TAKEN"
      | "IDENTITY_MISMATCH"
      | "NOT_ALLOWED"
    >
  | ClockDriftError
  | GreaterTimestampError;
