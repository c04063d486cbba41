import { type Clock, equalBytes, type IncreasingClock } from "@parsec/base";
import type { AuthenticatedConnection } from "@parsec/connection";
import { deviceCreate } from "@parsec/protocol";
import {
  type DateTime,
  type DeviceCertificate,
  type DevicePurpose,
  type LocalDevice,
  redactedDeviceCertificate,
  signCertificate,
} from "@parsec/types";
import { UnexpectedReplyError } from "../errors.ts";
import type { SessionContext } from "../session/context.ts";
import type { ClientEvent } from "../session/events.ts";
import { timestampOffset, withGreaterTimestamp } from "../session/greater-timestamp.ts";

/**
 * Makes sure that the server has a device which is kept already: also when an earlier request for it had no answer.
 * @throws AuthoringError; UnexpectedReplyError also when the server has another device of that id
 */
export async function ensureRegistered(
  context: SessionContext,
  device: LocalDevice,
  purpose: DevicePurpose,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { certificates } = context;
  try {
    const timestamp = await registerDevice(context, device, purpose, options);
    await certificates.require({ common: timestamp }, options);
  } catch (error) {
    if (!(error instanceof UnexpectedReplyError && error.status === "device_already_exists")) throw error;
    await certificates.poll(options);
    const known = certificates.view.device(device.deviceId);
    const [key, own] = [known?.verifyKey.toBytes(), device.signingKey.verifyKey.toBytes()];
    if (known?.purpose !== purpose || key === undefined || !equalBytes(key, own)) throw error;
  }
}

/** The device that makes another one of the same user. */
export interface RegisteringDevice {
  readonly device: LocalDevice;
  readonly connection: AuthenticatedConnection;
  readonly clock: Clock;
  readonly signingClock: IncreasingClock;
  readonly events?: { send(event: ClientEvent): void } | undefined;
}

/**
 * Tells the server of a new device of the own user; gives the date of its certificate (spec 09a §7.11).
 * @throws ConnectionError, ClockDriftError, GreaterTimestampError, UnexpectedReplyError
 */
export async function registerDevice(
  author: RegisteringDevice,
  device: LocalDevice,
  purpose: DevicePurpose,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<DateTime> {
  const { signingKey } = author.device;
  const { reply, timestamp } = await withGreaterTimestamp(author, timestampOffset.common, (timestamp) => {
    const certificate: DeviceCertificate = {
      type: "device_certificate",
      purpose,
      author: author.device.deviceId,
      timestamp,
      userId: device.userId,
      deviceId: device.deviceId,
      deviceLabel: device.deviceLabel,
      verifyKey: device.signingKey.verifyKey,
      algorithm: "ED25519",
    };
    const signed = {
      deviceCertificate: signCertificate(signingKey, certificate),
      redactedDeviceCertificate: signCertificate(signingKey, redactedDeviceCertificate(certificate)),
    };
    return author.connection.send(deviceCreate, signed, options);
  });
  if (reply.status !== "ok") throw new UnexpectedReplyError("device_create", reply.status);
  return timestamp;
}
