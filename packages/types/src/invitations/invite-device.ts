import { type Infer, tagged } from "../codec/index.ts";
import { DeviceLabel } from "../device-label.ts";
import { UserProfile } from "../enumerations.ts";
import { HumanHandle } from "../human-handle.ts";
import { DeviceId, UserId, VlobId } from "../ids.ts";
import { PrivateKeyCodec, SecretKeyCodec, VerifyKeyCodec } from "../keys.ts";

/** What the claimer of a device invitation asks for, with the key that it has made (spec 04 §7). */
export const InviteDeviceData = /* @__PURE__ */ tagged("type", "invite_device_data", {
  requestedDeviceLabel: DeviceLabel,
  verifyKey: VerifyKeyCodec,
});
export type InviteDeviceData = Infer<typeof InviteDeviceData>;

/** All that a new device of the same user needs. `profile` is the user's initial one. */
export const InviteDeviceConfirmation = /* @__PURE__ */ tagged("type", "invite_device_confirmation", {
  userId: UserId,
  deviceId: DeviceId,
  deviceLabel: DeviceLabel,
  humanHandle: HumanHandle,
  profile: UserProfile,
  privateKey: PrivateKeyCodec,
  userRealmId: VlobId,
  userRealmKey: SecretKeyCodec,
  rootVerifyKey: VerifyKeyCodec,
});
export type InviteDeviceConfirmation = Infer<typeof InviteDeviceConfirmation>;
