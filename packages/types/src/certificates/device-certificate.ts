import { CertificateSigner } from "../certificate-signer.ts";
import { type Codec, defaulted, type Infer, literals, nullable, tagged } from "../codec/index.ts";
import { DeviceLabel, redactedDeviceLabel } from "../device-label.ts";
import { DeviceId, UserId } from "../ids.ts";
import { VerifyKeyCodec } from "../keys.ts";
import { DateTime } from "../time.ts";

/** What a device is for (spec 04 §2.2). It informs; it gives no permission. */
export type DevicePurpose = "STANDARD" | "SHAMIR_RECOVERY" | "PASSPHRASE_RECOVERY" | "REGISTRATION";

const purposes: Codec<DevicePurpose | null> = /* @__PURE__ */ nullable(
  /* @__PURE__ */ literals(["STANDARD", "SHAMIR_RECOVERY", "PASSPHRASE_RECOVERY", "REGISTRATION"]),
);

/** Certificates older than 3.2 have no purpose; a nil one means the same. */
export const DevicePurpose: Codec<DevicePurpose> = {
  schema: purposes.schema,
  encode: (writer, purpose) => purposes.encode(writer, purpose),
  decode: (reader) => purposes.decode(reader) ?? "STANDARD",
};

/**
 * Creates a device (spec 04 §2.2). `deviceLabel` is null in the redacted form: show {@link shownDeviceLabel} instead.
 */
export const DeviceCertificate = /* @__PURE__ */ tagged("type", "device_certificate", {
  purpose: /* @__PURE__ */ defaulted("nonRequired", DevicePurpose, "STANDARD"),
  // The reference reads a missing author as root. Harmless: the signature must then be the root key's (spec 04 §12).
  author: /* @__PURE__ */ defaulted("required", CertificateSigner, null),
  timestamp: DateTime,
  userId: UserId,
  deviceId: DeviceId,
  deviceLabel: /* @__PURE__ */ nullable(DeviceLabel),
  verifyKey: VerifyKeyCodec,
  algorithm: /* @__PURE__ */ literals(["ED25519"]),
});
export type DeviceCertificate = Infer<typeof DeviceCertificate>;

/** The form that outsiders get, to be signed by the same author (spec 04 §2.3). */
export function redactedDeviceCertificate(certificate: DeviceCertificate): DeviceCertificate {
  return { ...certificate, deviceLabel: null };
}

/** The label, or the one that stands for it in a redacted certificate. */
export function shownDeviceLabel(certificate: DeviceCertificate): DeviceLabel {
  return certificate.deviceLabel ?? redactedDeviceLabel(certificate.deviceId);
}
