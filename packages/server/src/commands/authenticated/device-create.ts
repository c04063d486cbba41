import { deviceCreate } from "@parsec/protocol";
import { DeviceCertificate } from "@parsec/types";
import { signedByAuthor } from "../../rules/certificate.ts";
import { enrollDevice, isRedactedDevice } from "../../rules/new-user.ts";
import { notGreater, outOfBallpark } from "../../rules/timestamp.ts";
import { authenticated } from "../handler.ts";

const invalid = { status: "invalid_certificate" } as const;

/** Spec 08b §5.3. */
export const deviceCreateHandler = authenticated(deviceCreate).inTransaction(async (scope, request) => {
  const { tx, organizationId, author } = scope;
  const device = signedByAuthor(scope, DeviceCertificate, request.deviceCertificate);
  const redacted = signedByAuthor(scope, DeviceCertificate, request.redactedDeviceCertificate);
  if (device === undefined || redacted === undefined) return invalid;
  const drift = outOfBallpark(scope, device.timestamp);
  if (drift !== undefined) return drift;
  if (device.userId !== author.user.userId) return invalid;
  if (!isRedactedDevice(device, redacted)) return invalid;

  await tx.lock(organizationId, "common", "write");
  const older = await notGreater(scope, device.timestamp, ["common"]);
  if (older !== undefined) return older;
  if ((await tx.users.findDevice(organizationId, device.deviceId)) !== undefined) {
    return { status: "device_already_exists" };
  }

  await enrollDevice(scope, device, request);
  tx.emit({ type: "COMMON_CERTIFICATE", organizationId, timestamp: device.timestamp });
  return { status: "ok" };
});
