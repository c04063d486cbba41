import { ParsecError } from "@parsec/base";
import type { DateTime, SequesterServiceId } from "@parsec/types";
import type { PollError } from "./certificates/certificates.ts";

/** What each refusal means and what to do about it. */
const refusals = {
  ACTIVE_OWNER_ALREADY_EXISTS: "a member with a higher role is active: ask them",
  ARCHIVING_PERIOD_TOO_SHORT: "the organization asks for a longer period before a workspace is deleted",
  AUTHOR_IS_OUTSIDER: "an OUTSIDER cannot own a workspace",
  AUTHOR_NOT_ALLOWED: "your profile or role does not allow this",
  DEVICE_NOT_FOUND: "there is no such device in this folder",
  DEVICE_UNPROTECTED: "the device has no protection yet: give it one first",
  DEVICE_REFUSED:
    "the server does not know this device: its file is kept among the refused ones, and can be tried again",
  INVALID_BOOTSTRAP_TOKEN: "the bootstrap link is not valid: ask for another one",
  INVALID_SEQUESTER_KEY: "the sequester authority key is not the PEM of an RSA public key",
  NO_REALM_KEY: "the workspace has no usable key yet: its owner must finish to create it",
  NO_SECOND_FACTOR: "the device has no second factor",
  ORGANIZATION_ALREADY_BOOTSTRAPPED: "the organization has its first user already: ask to be invited",
  REALM_ACCESS_DENIED: "the server no longer gives this device access to the workspace",
  REALM_DELETED: "the workspace was deleted",
  REALM_KEY_CORRUPTED: "the key of this data is corrupted: an owner must rotate the keys, older data stay unreadable",
  REALM_KEY_NOT_FOUND: "the data name a key that the workspace does not have",
  REALM_NOT_FOUND: "the server does not know the workspace",
  RECIPIENT_IS_SELF: "choose another person: nobody changes their own role, or helps to recover themselves",
  RECIPIENT_NOT_FOUND: "the organization has no such user",
  RECIPIENT_REVOKED: "the user is revoked",
  RECOVERY_ALREADY_SET_UP: "there is a recovery setup: delete it before making another one",
  RECOVERY_DELETED: "the recovery setup was deleted",
  RECOVERY_FILE_OF_OTHER_USER: "the recovery file is of another user or organization",
  RECOVERY_NOT_FOUND: "this device holds no share of that recovery setup",
  RECOVERY_SHARE_CORRUPTED: "the share for this user cannot be opened: the setup has to be made again",
  RECOVERY_UNUSABLE: "too many of the recipients are revoked: the shares that are left are not enough",
  ROLE_INCOMPATIBLE_WITH_OUTSIDER: "an OUTSIDER can be READER or CONTRIBUTOR only",
  SESSION_CLOSED: "the session is closed: log in again",
  NO_TERMS_OF_SERVICE: "the server has no terms of service any more: there is nothing to accept",
  TERMS_OF_SERVICE_CHANGED: "the terms of service were changed meanwhile: show the new ones",
  THRESHOLD_TOO_HIGH: "more shares would be needed than there are",
  TOO_MANY_SHARES: "at most 255 shares can be dealt",
  USER_IS_SELF: "nobody revokes or changes themselves: ask another ADMIN",
  USER_NOT_FOUND: "the organization has no such user",
  USER_REVOKED: "the user is revoked",
  WORKSPACE_NOT_FOUND: "this device does not know the workspace: refresh the list",
} as const;

export type ClientErrorCode = keyof typeof refusals;

/** The operation cannot be done, for the reason that `code` names; nothing was changed. */
export class ClientError<Code extends ClientErrorCode = ClientErrorCode> extends ParsecError<Code> {
  override readonly name: string = "ClientError";
  constructor(code: Code, options?: { readonly cause?: unknown }) {
    super(code, `Refused: ${refusals[code]}`, options);
  }
}

/** The clocks of this device and of the server are too far apart for the server to accept what is signed. */
export class ClockDriftError extends ParsecError<"TIMESTAMP_OUT_OF_BALLPARK"> {
  override readonly name: string = "ClockDriftError";
  readonly clientTimestamp: DateTime;
  readonly serverTimestamp: DateTime;
  /** Seconds by which the server tolerates a clock that is late, and one that is early. */
  readonly ballparkClientLateOffset: number;
  readonly ballparkClientEarlyOffset: number;

  constructor(reply: ClockDrift) {
    super("TIMESTAMP_OUT_OF_BALLPARK", "The clock of this device is wrong for the server: set it and try again");
    this.clientTimestamp = reply.clientTimestamp;
    this.serverTimestamp = reply.serverTimestamp;
    this.ballparkClientLateOffset = reply.ballparkClientLateOffset;
    this.ballparkClientEarlyOffset = reply.ballparkClientEarlyOffset;
  }
}

export interface ClockDrift {
  readonly clientTimestamp: DateTime;
  readonly serverTimestamp: DateTime;
  readonly ballparkClientLateOffset: number;
  readonly ballparkClientEarlyOffset: number;
}

/** The server keeps asking for a later date, or for one too far away: its certificates are in the future. */
export class GreaterTimestampError extends ParsecError<"GREATER_TIMESTAMP_UNREACHABLE"> {
  override readonly name: string = "GreaterTimestampError";
  readonly strictlyGreaterThan: DateTime;

  constructor(strictlyGreaterThan: DateTime) {
    super(
      "GREATER_TIMESTAMP_UNREACHABLE",
      "The server holds certificates dated in the future, and asks for a later date than this device may sign: " +
        "check the clocks and try again later",
    );
    this.strictlyGreaterThan = strictlyGreaterThan;
  }
}

/** What a sequester service has said, or not, to what was to be written. */
type SequesterRefusal =
  | {
      readonly status: "rejected_by_sequester_service";
      readonly serviceId: SequesterServiceId;
      readonly reason: string | null;
    }
  | { readonly status: "sequester_service_unavailable"; readonly serviceId: SequesterServiceId };

/** A service of the organization's sequester authority, which sees what is written, does not let it pass. */
export class SequesterServiceError extends ParsecError<
  "REJECTED_BY_SEQUESTER_SERVICE" | "SEQUESTER_SERVICE_UNAVAILABLE"
> {
  override readonly name: string = "SequesterServiceError";
  readonly serviceId: SequesterServiceId;
  /** In the words of the service; `undefined` when it gave none, or did not answer. For the user of this device. */
  readonly reason: string | undefined;

  constructor(refusal: SequesterRefusal) {
    const isRejected = refusal.status === "rejected_by_sequester_service";
    super(
      isRejected ? "REJECTED_BY_SEQUESTER_SERVICE" : "SEQUESTER_SERVICE_UNAVAILABLE",
      isRejected
        ? "A service of the sequester authority rejects this content: ask its administrator"
        : "A service of the sequester authority, which must see all content, does not answer: try again later",
    );
    this.serviceId = refusal.serviceId;
    this.reason = isRejected ? (refusal.reason ?? undefined) : undefined;
  }
}

/** The server answered what the protocol gives no meaning to here. */
export class UnexpectedReplyError extends ParsecError<"UNEXPECTED_REPLY"> {
  override readonly name: string = "UnexpectedReplyError";
  readonly command: string;
  readonly status: string;

  constructor(command: string, status: string) {
    super("UNEXPECTED_REPLY", `The server answered "${status}" to ${command}: check its version, or report it`);
    this.command = command;
    this.status = status;
  }
}

/** The server announces certificates that it does not give. */
export class MissingCertificatesError extends ParsecError<"MISSING_CERTIFICATES"> {
  override readonly name: string = "MissingCertificatesError";
  constructor() {
    super(
      "MISSING_CERTIFICATES",
      "The server names certificates that it does not give: its data are inconsistent, tell its administrator",
    );
  }
}

/** What every operation that signs a certificate may throw, besides its own refusals (spec 09a §6). */
export type AuthoringError = PollError | ClockDriftError | GreaterTimestampError;
