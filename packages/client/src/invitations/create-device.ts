import type { VerifyKey } from "@parsec/crypto";
import { deviceCreate } from "@parsec/protocol";
import {
  type DeviceCertificate,
  DeviceId,
  type DeviceLabel,
  type InviteDeviceConfirmation,
  redactedDeviceCertificate,
  signCertificate,
} from "@parsec/types";
import { UnexpectedReplyError } from "../errors.ts";
import { timestampOffset, withGreaterTimestamp } from "../session/greater-timestamp.ts";
import { InvitationError } from "./errors.ts";
import type { GreetContext } from "./greeting/greeter.ts";

export interface NewDevice {
  readonly deviceLabel: DeviceLabel;
  /** The key that the claimer made. */
  readonly verifyKey: VerifyKey;
}

/**
 * Adds a device to the own user (spec 09b §4.7); gives what to tell the claimer, the user's keys among it. Every try
 * has an id of its own.
 * @throws InvitationError DEVICE_ALREADY_EXISTS; ClockDriftError, GreaterTimestampError, ConnectionError
 */
export async function createDevice(
  context: GreetContext,
  { deviceLabel, verifyKey }: NewDevice,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<InviteDeviceConfirmation> {
  const { device, connection } = context;
  const { userId, signingKey, humanHandle, privateKey, userRealmId, userRealmKey, rootVerifyKey } = device;
  let deviceId = DeviceId.generate();
  const { reply } = await withGreaterTimestamp(context, timestampOffset.common, (timestamp) => {
    deviceId = DeviceId.generate();
    const certificate: DeviceCertificate = {
      type: "device_certificate",
      purpose: "STANDARD",
      author: device.deviceId,
      timestamp,
      userId,
      deviceId,
      deviceLabel,
      verifyKey,
      algorithm: "ED25519",
    };
    const signed = {
      deviceCertificate: signCertificate(signingKey, certificate),
      redactedDeviceCertificate: signCertificate(signingKey, redactedDeviceCertificate(certificate)),
    };
    return connection.send(deviceCreate, signed, options);
  });
  if (reply.status === "device_already_exists") throw new InvitationError("DEVICE_ALREADY_EXISTS");
  if (reply.status !== "ok") throw new UnexpectedReplyError("device_create", reply.status);
  return {
    type: "invite_device_confirmation",
    userId,
    deviceId,
    deviceLabel,
    humanHandle,
    profile: device.initialProfile,
    privateKey,
    userRealmId,
    userRealmKey,
    rootVerifyKey,
  };
}
