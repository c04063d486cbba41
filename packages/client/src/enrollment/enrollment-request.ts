import { hasCode, joinSignals, orAbort, requireArgument, requireObject } from "@parsec/base";
import { PkiError } from "@parsec/device";
import {
  type AsyncEnrollmentListItem,
  asyncEnrollmentAccept,
  asyncEnrollmentList,
  asyncEnrollmentReject,
  type FieldsOf,
} from "@parsec/protocol";
import {
  type AsyncEnrollmentId,
  type AsyncEnrollmentSubmitPayload,
  DateTime,
  DeviceId,
  type DeviceLabel,
  dumpAsyncEnrollmentAcceptPayload,
  type HumanHandle,
  loadAsyncEnrollmentSubmitPayload,
  UserId,
  type UserProfile,
} from "@parsec/types";
import { requireOptions, requireProfile } from "../arguments.ts";
import { UnexpectedReplyError } from "../errors.ts";
import { signNewUser } from "../invitations/create-user.ts";
import { throwIfClosed } from "../session/closed.ts";
import type { SessionContext } from "../session/context.ts";
import { timestampOffset, withGreaterTimestamp } from "../session/greater-timestamp.ts";
import { certificatePath } from "./certificate-path.ts";
import { type EnrollmentOptions, requireIdentity } from "./enrollments.ts";
import { EnrollmentError, IdentityMismatchError } from "./errors.ts";
import type { EnrollmentIdentity, PayloadSignature } from "./identity.ts";

/** Who vouches for somebody who asks to enroll, as the request says. */
export type UntrustedIdentity =
  | { readonly type: "OPEN_BAO"; readonly entityId: string }
  /** The root that the certificates of the request lead to. */
  | { readonly type: "PKI"; readonly rootCommonName: string; readonly derRootSubject: Uint8Array }
  /** The certificates of the request cannot be read. */
  | { readonly type: "PKI_CORRUPTED"; readonly reason: string };

export interface AcceptEnrollment {
  /** The own one, of the same system as the request's. */
  readonly identity: EnrollmentIdentity;
  readonly profile: UserProfile;
  /** Let the server tell the person by e-mail. Default false. */
  readonly sendEmail?: boolean | undefined;
}

type Decided = AcceptEnrollment & { readonly sendEmail: boolean };

/** The requests that wait, oldest first. @throws see `EnrollmentRequests.list` */
export async function listRequests(
  context: SessionContext,
  options: EnrollmentOptions,
): Promise<readonly EnrollmentRequest[]> {
  const reply = await context.connection.send(asyncEnrollmentList, {}, options);
  switch (reply.status) {
    case "ok": {
      const requests = await Promise.all(reply.enrollments.map((item) => readRequest(context, item)));
      return requests.filter((request) => request !== undefined);
    }
    case "author_not_allowed":
      throw new EnrollmentError("NOT_ALLOWED");
    default:
      throw new UnexpectedReplyError("async_enrollment_list", reply.status);
  }
}

async function readRequest(
  context: SessionContext,
  item: AsyncEnrollmentListItem,
): Promise<EnrollmentRequest | undefined> {
  try {
    const payload = loadAsyncEnrollmentSubmitPayload(item.submitPayload);
    const signature = submitterSignature(item.submitPayloadSignature);
    return new EnrollmentRequest(context, { item, payload, signature, identity: await identityOf(signature) });
  } catch (error) {
    if (hasCode(error, "BAD_SERIALIZATION", "DATA_INTEGRITY")) return undefined;
    throw error;
  }
}

interface Listed {
  readonly item: AsyncEnrollmentListItem;
  readonly payload: AsyncEnrollmentSubmitPayload;
  readonly signature: PayloadSignature;
  readonly identity: UntrustedIdentity;
}

/** Somebody who asks to be enrolled. What is shown here is what {@link accept} verifies and signs. */
export class EnrollmentRequest {
  readonly enrollmentId: AsyncEnrollmentId;
  readonly submittedOn: DateTime;
  readonly untrustedDeviceLabel: DeviceLabel;
  readonly untrustedHumanHandle: HumanHandle;
  readonly untrustedIdentity: UntrustedIdentity;
  readonly #context: SessionContext;
  readonly #listed: Listed;

  /** @internal */
  constructor(context: SessionContext, listed: Listed) {
    const { item, payload, identity } = listed;
    this.enrollmentId = item.enrollmentId;
    this.submittedOn = item.submittedOn;
    this.untrustedDeviceLabel = payload.requestedDeviceLabel;
    this.untrustedHumanHandle = payload.requestedHumanHandle;
    this.untrustedIdentity = identity;
    this.#context = context;
    this.#listed = listed;
  }

  /**
   * Makes the user, once the third party vouches for the request and for its e-mail address. Resolves with what became of
   * the e-mail.
   * @throws AcceptEnrollmentError
   */
  async accept(
    request: AcceptEnrollment,
    options: EnrollmentOptions = {},
  ): Promise<"SUCCESS" | "SERVER_UNAVAILABLE" | "RECIPIENT_REFUSED"> {
    throwIfClosed(this.#context);
    requireObject("request", request);
    const { identity, profile, sendEmail = false } = request;
    requireIdentity(identity);
    requireProfile(profile);
    requireArgument("sendEmail", sendEmail, "true or false", typeof sendEmail === "boolean");
    requireOptions(options);
    // A third party answers to nobody's close but its own.
    const joined = joinSignals(options.signal, this.#context.signal);
    try {
      return await this.#accept({ identity, profile, sendEmail }, joined.signal);
    } finally {
      joined.release();
    }
  }

  async #accept(request: Decided, signal: AbortSignal) {
    await this.#verify(request.identity, signal);
    const { reply } = await withGreaterTimestamp(this.#context, timestampOffset.common, async (timestamp) => {
      const fields = await this.#sign(request, timestamp, signal);
      return this.#context.connection.send(asyncEnrollmentAccept, fields, { signal });
    });
    switch (reply.status) {
      case "ok":
        return reply.emailSent ?? "SUCCESS";
      case "author_not_allowed":
        throw new EnrollmentError("NOT_ALLOWED");
      case "enrollment_not_found":
        throw new EnrollmentError("ENROLLMENT_NOT_FOUND");
      case "enrollment_no_longer_available":
        throw new EnrollmentError("ENROLLMENT_NO_LONGER_AVAILABLE");
      case "active_users_limit_reached":
        throw new EnrollmentError("ACTIVE_USERS_LIMIT_REACHED");
      case "human_handle_already_taken":
        throw new EnrollmentError("HUMAN_HANDLE_TAKEN");
      case "invalid_x509_trustchain":
        throw new EnrollmentError("CERTIFICATE_REFUSED");
      default:
        throw new UnexpectedReplyError("async_enrollment_accept", reply.status);
    }
  }

  /**
   * @throws EnrollmentError NOT_ALLOWED, ENROLLMENT_NOT_FOUND, ENROLLMENT_NO_LONGER_AVAILABLE; ConnectionError,
   * UnexpectedReplyError
   */
  async reject(options: EnrollmentOptions = {}): Promise<void> {
    throwIfClosed(this.#context);
    requireOptions(options);
    const { enrollmentId } = this;
    const reply = await this.#context.connection.send(asyncEnrollmentReject, { enrollmentId }, options);
    switch (reply.status) {
      case "ok":
        return;
      case "author_not_allowed":
        throw new EnrollmentError("NOT_ALLOWED");
      case "enrollment_not_found":
        throw new EnrollmentError("ENROLLMENT_NOT_FOUND");
      case "enrollment_no_longer_available":
        throw new EnrollmentError("ENROLLMENT_NO_LONGER_AVAILABLE");
      default:
        throw new UnexpectedReplyError("async_enrollment_reject", reply.status);
    }
  }

  /** @throws EnrollmentError BAD_SUBMIT_PAYLOAD, IDENTITY_MISMATCH, OWN_CERTIFICATE_UNUSABLE; OpenBaoError */
  async #verify(identity: EnrollmentIdentity, signal: AbortSignal): Promise<void> {
    const { item, payload, signature } = this.#listed;
    if (signature.type !== identity.type) throw new IdentityMismatchError(identity.type, signature.type);
    const expectedEmail = payload.requestedHumanHandle.email;
    const at = DateTime.now(this.#context.clock);
    try {
      await orAbort(identity.verify(item.submitPayload, signature, { at, signal, expectedEmail }), signal);
    } catch (cause) {
      throw hasCode(cause, "UNTRUSTED_SIGNATURE") ? new EnrollmentError("BAD_SUBMIT_PAYLOAD", { cause }) : cause;
    }
  }

  /** Every try has ids, and a signature, of its own. */
  async #sign(
    { identity, profile, sendEmail }: Decided,
    timestamp: DateTime,
    signal: AbortSignal,
  ): Promise<FieldsOf<typeof asyncEnrollmentAccept>> {
    const { device, clock } = this.#context;
    const { requestedHumanHandle: humanHandle, requestedDeviceLabel: deviceLabel } = this.#listed.payload;
    const { publicKey, verifyKey } = this.#listed.payload;
    const ids = { userId: UserId.generate(), deviceId: DeviceId.generate() };
    const signed = signNewUser(device, { humanHandle, deviceLabel, profile, publicKey, verifyKey }, ids, timestamp);
    const acceptPayload = dumpAsyncEnrollmentAcceptPayload({
      type: "async_enrollment_accept_payload",
      ...ids,
      ...{ deviceLabel, humanHandle, profile },
      rootVerifyKey: device.rootVerifyKey,
    });
    const signature = await orAbort(identity.sign(acceptPayload, { at: DateTime.now(clock), signal }), signal);
    return {
      enrollmentId: this.enrollmentId,
      submitterUserCertificate: signed.userCertificate,
      submitterDeviceCertificate: signed.deviceCertificate,
      submitterRedactedUserCertificate: signed.redactedUserCertificate,
      submitterRedactedDeviceCertificate: signed.redactedDeviceCertificate,
      acceptPayload,
      acceptPayloadSignature: acceptSignature(signature),
      sendEmail,
    };
  }
}

function submitterSignature(signed: AsyncEnrollmentListItem["submitPayloadSignature"]): PayloadSignature {
  if (signed.type === "OPEN_BAO") {
    const { type, signature, submitterOpenbaoEntityId } = signed;
    return { type, signature, entityId: submitterOpenbaoEntityId };
  }
  const { type, signature, algorithm, submitterDerX509Certificate, intermediateDerX509Certificates } = signed;
  return {
    ...{ type, signature, algorithm },
    certificate: submitterDerX509Certificate,
    intermediates: intermediateDerX509Certificates,
  };
}

function acceptSignature(signed: PayloadSignature): FieldsOf<typeof asyncEnrollmentAccept>["acceptPayloadSignature"] {
  if (signed.type === "OPEN_BAO") {
    const { type, signature, entityId } = signed;
    return { type, signature, accepterOpenbaoEntityId: entityId };
  }
  const { type, signature, algorithm, certificate, intermediates } = signed;
  return {
    ...{ type, signature, algorithm },
    accepterDerX509Certificate: certificate,
    intermediateDerX509Certificates: [...intermediates],
  };
}

async function identityOf(signature: PayloadSignature): Promise<UntrustedIdentity> {
  if (signature.type === "OPEN_BAO") return { type: "OPEN_BAO", entityId: signature.entityId };
  try {
    const { root } = await certificatePath(signature.certificate, signature.intermediates);
    const { commonName, derSubject } = root;
    if (commonName !== undefined) return { type: "PKI", rootCommonName: commonName, derRootSubject: derSubject };
    return { type: "PKI_CORRUPTED", reason: "The root has no common name" };
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    return { type: "PKI_CORRUPTED", reason: error.message };
  }
}
