import { hasCode, orAbort } from "@parsec/base";
import { SecretKey } from "@parsec/crypto";
import {
  type EnrollmentKeys,
  listDevices,
  listPreparedDevices,
  loadUnprotected,
  openPendingEnrollment,
  type PendingEnrollment,
  prepareUnprotected,
  removePendingEnrollment,
} from "@parsec/device";
import { type AsyncEnrollmentStatus, asyncEnrollmentInfo } from "@parsec/protocol";
import {
  type AsyncEnrollmentAcceptPayload,
  type AsyncEnrollmentId,
  DateTime,
  type LocalDevice,
  loadAsyncEnrollmentAcceptPayload,
  type OrganizationId,
  type ServerAddress,
  VlobId,
} from "@parsec/types";
import { connectAnonymously } from "../devices/connect-as.ts";
import { UnsavedDevice } from "../devices/unsaved-device.ts";
import { UnexpectedReplyError } from "../errors.ts";
import type { ParsecPorts } from "../ports.ts";
import { addressOf } from "./enrollment-address.ts";
import { EnrollmentError, IdentityMismatchError } from "./errors.ts";
import type { EnrollmentIdentity, PayloadSignature } from "./identity.ts";

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What tells an enrollment on its server: a {@link PendingEnrollment} does. */
export interface EnrollmentReference {
  readonly serverUrl: ServerAddress;
  readonly organizationId: OrganizationId;
  readonly enrollmentId: AsyncEnrollmentId;
}

/** @throws EnrollmentError ENROLLMENT_NOT_FOUND; ConnectionError, UnexpectedReplyError */
export async function fetchStatus(
  ports: ParsecPorts,
  { serverUrl, organizationId, enrollmentId }: EnrollmentReference,
  options: CallOptions,
): Promise<AsyncEnrollmentStatus> {
  const connection = connectAnonymously(ports, addressOf(serverUrl, organizationId));
  const reply = await connection.send(asyncEnrollmentInfo, { enrollmentId }, options);
  switch (reply.status) {
    case "ok":
      return reply;
    case "enrollment_not_found":
      throw new EnrollmentError("ENROLLMENT_NOT_FOUND");
    default:
      throw new UnexpectedReplyError("async_enrollment_info", reply.status);
  }
}

/**
 * Makes the device of an enrollment that was accepted (spec 09b §7.6). Unlike the reference, the keys of the enrollment
 * are there until the device has its protection: an end in between loses nothing, and what is called again goes on with
 * the same device.
 * @throws CompleteEnrollmentError
 */
export async function completeEnrollment(
  ports: ParsecPorts,
  pending: PendingEnrollment,
  identity: EnrollmentIdentity,
  options: CallOptions,
): Promise<UnsavedDevice> {
  const { clock, deviceStore } = ports;
  const keys = await openPendingEnrollment(deviceStore, pending.path, identity.protection, options);
  const status = await fetchStatus(ports, pending, options);
  if (status.enrollmentStatus !== "ACCEPTED") throw new EnrollmentError("ENROLLMENT_NOT_ACCEPTED");
  const payload = await verifiedPayload(status, identity, { at: DateTime.now(clock), signal: options.signal });

  const forget = () => forgetPending(ports, pending);
  const waiting = await waitingDevice(ports, payload, forget);
  if (waiting !== undefined) {
    const device = await loadUnprotected(deviceStore, waiting.path);
    return new UnsavedDevice(ports, device, waiting, forget);
  }
  await ports.storage.check();
  const device = newDevice(pending, payload, keys);
  return new UnsavedDevice(ports, device, await prepareUnprotected(deviceStore, device, { clock }), forget);
}

/** @throws EnrollmentError BAD_ACCEPT_PAYLOAD, IDENTITY_MISMATCH, OWN_CERTIFICATE_UNUSABLE; OpenBaoError */
async function verifiedPayload(
  { acceptPayload, acceptPayloadSignature }: Extract<AsyncEnrollmentStatus, { enrollmentStatus: "ACCEPTED" }>,
  identity: EnrollmentIdentity,
  options: CallOptions & { readonly at: DateTime },
): Promise<AsyncEnrollmentAcceptPayload> {
  const { type } = acceptPayloadSignature;
  if (type !== identity.type) throw new IdentityMismatchError(identity.type, type);
  try {
    const payload = loadAsyncEnrollmentAcceptPayload(acceptPayload);
    await orAbort(identity.verify(acceptPayload, accepterSignature(acceptPayloadSignature), options), options.signal);
    return payload;
  } catch (cause) {
    if (!hasCode(cause, "BAD_SERIALIZATION", "DATA_INTEGRITY", "UNTRUSTED_SIGNATURE")) throw cause;
    throw new EnrollmentError("BAD_ACCEPT_PAYLOAD", { cause });
  }
}

type AcceptSignature = Extract<AsyncEnrollmentStatus, { enrollmentStatus: "ACCEPTED" }>["acceptPayloadSignature"];

function accepterSignature(signed: AcceptSignature): PayloadSignature {
  if (signed.type === "OPEN_BAO") {
    const { type, signature, accepterOpenbaoEntityId } = signed;
    return { type, signature, entityId: accepterOpenbaoEntityId };
  }
  const { type, signature, algorithm, accepterDerX509Certificate, intermediateDerX509Certificates } = signed;
  return {
    ...{ type, signature, algorithm },
    certificate: accepterDerX509Certificate,
    intermediates: intermediateDerX509Certificates,
  };
}

/**
 * The device that an earlier call has made, when it still waits for a protection.
 * @throws EnrollmentError ENROLLMENT_COMPLETED when it has one: then the enrollment is needed no more
 */
async function waitingDevice(
  { deviceStore }: ParsecPorts,
  { deviceId }: AsyncEnrollmentAcceptPayload,
  forget: () => Promise<void>,
) {
  const prepared = (await listPreparedDevices(deviceStore)).find(({ device }) => device.deviceId === deviceId);
  const isSaved = (await listDevices(deviceStore)).some((device) => device.deviceId === deviceId);
  const isProtected = prepared !== undefined && prepared.device.protection.type !== "none";
  if (!isSaved && !isProtected) return prepared;
  await forget();
  throw new EnrollmentError("ENROLLMENT_COMPLETED");
}

/** The device is safe by now: a file that stays only makes the next call say that all is done. */
async function forgetPending({ deviceStore, diagnostics }: ParsecPorts, { path }: PendingEnrollment): Promise<void> {
  await removePendingEnrollment(deviceStore, path).catch(() => {
    diagnostics({ area: "client", event: "pending_enrollment_not_removed" });
  });
}

function newDevice(
  { serverUrl, organizationId }: PendingEnrollment,
  payload: AsyncEnrollmentAcceptPayload,
  { signingKey, privateKey }: EnrollmentKeys,
): LocalDevice {
  const { userId, deviceId, deviceLabel, humanHandle, profile, rootVerifyKey } = payload;
  return {
    type: "local_device",
    ...{ serverUrl, organizationId, rootVerifyKey, userId, deviceId, deviceLabel, humanHandle },
    ...{ signingKey, privateKey, initialProfile: profile },
    userRealmId: VlobId.generate(),
    userRealmKey: SecretKey.generate(),
    localSymkey: SecretKey.generate(),
  };
}
