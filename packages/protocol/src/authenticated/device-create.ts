import { Bytes } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/**
 * Adds a device to the caller's own user. The redacted certificate must be the redacted twin of the other (spec 05
 * §13.1).
 */
export const deviceCreate = /* @__PURE__ */ command("authenticated", "device_create", () => ({
  request: { deviceCertificate: Bytes, redactedDeviceCertificate: Bytes },
  replies: {
    ok: {},
    invalid_certificate: {},
    device_already_exists: {},
    timestamp_out_of_ballpark: timestampOutOfBallpark,
    require_greater_timestamp: requireGreaterTimestamp,
  },
}));
export type DeviceCreateRequest = RequestOf<typeof deviceCreate>;
export type DeviceCreateReply = ReplyOf<typeof deviceCreate>;
