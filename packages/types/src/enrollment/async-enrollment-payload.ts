import { type Infer, tagged } from "../codec/index.ts";
import { dump, load } from "../container.ts";
import { DeviceLabel } from "../device-label.ts";
import { UserProfile } from "../enumerations.ts";
import { HumanHandle } from "../human-handle.ts";
import { DeviceId, UserId } from "../ids.ts";
import { PublicKeyCodec, VerifyKeyCodec } from "../keys.ts";

// The signature travels beside these payloads and covers exactly their bytes. They are loaded first, since the
// signature's check needs the e-mail address, and used only after it (spec 04 §9).

/** What somebody who asks to enroll sends. */
export const AsyncEnrollmentSubmitPayload = /* @__PURE__ */ tagged("type", "async_enrollment_submit_payload", {
  verifyKey: VerifyKeyCodec,
  publicKey: PublicKeyCodec,
  requestedDeviceLabel: DeviceLabel,
  requestedHumanHandle: HumanHandle,
});
export type AsyncEnrollmentSubmitPayload = Infer<typeof AsyncEnrollmentSubmitPayload>;

/** What the administrator who accepts answers. */
export const AsyncEnrollmentAcceptPayload = /* @__PURE__ */ tagged("type", "async_enrollment_accept_payload", {
  userId: UserId,
  deviceId: DeviceId,
  deviceLabel: DeviceLabel,
  humanHandle: HumanHandle,
  profile: UserProfile,
  rootVerifyKey: VerifyKeyCodec,
});
export type AsyncEnrollmentAcceptPayload = Infer<typeof AsyncEnrollmentAcceptPayload>;

export function dumpAsyncEnrollmentSubmitPayload(payload: AsyncEnrollmentSubmitPayload): Uint8Array<ArrayBuffer> {
  return dump(AsyncEnrollmentSubmitPayload, payload);
}

/** @throws BadSerializationError */
export function loadAsyncEnrollmentSubmitPayload(bytes: Uint8Array): AsyncEnrollmentSubmitPayload {
  return load(AsyncEnrollmentSubmitPayload, bytes);
}

export function dumpAsyncEnrollmentAcceptPayload(payload: AsyncEnrollmentAcceptPayload): Uint8Array<ArrayBuffer> {
  return dump(AsyncEnrollmentAcceptPayload, payload);
}

/** @throws BadSerializationError */
export function loadAsyncEnrollmentAcceptPayload(bytes: Uint8Array): AsyncEnrollmentAcceptPayload {
  return load(AsyncEnrollmentAcceptPayload, bytes);
}
