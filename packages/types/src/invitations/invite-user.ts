import { type Infer, tagged } from "../codec/index.ts";
import { DeviceLabel } from "../device-label.ts";
import { UserProfile } from "../enumerations.ts";
import { HumanHandle } from "../human-handle.ts";
import { DeviceId, UserId } from "../ids.ts";
import { PublicKeyCodec, VerifyKeyCodec } from "../keys.ts";

/** What the claimer of a user invitation asks for, with the keys that it has made (spec 04 §7). */
export const InviteUserData = /* @__PURE__ */ tagged("type", "invite_user_data", {
  requestedDeviceLabel: DeviceLabel,
  requestedHumanHandle: HumanHandle,
  publicKey: PublicKeyCodec,
  verifyKey: VerifyKeyCodec,
});
export type InviteUserData = Infer<typeof InviteUserData>;

/** What the greeter has decided: it need not be what was asked for. */
export const InviteUserConfirmation = /* @__PURE__ */ tagged("type", "invite_user_confirmation", {
  userId: UserId,
  deviceId: DeviceId,
  deviceLabel: DeviceLabel,
  humanHandle: HumanHandle,
  profile: UserProfile,
  rootVerifyKey: VerifyKeyCodec,
});
export type InviteUserConfirmation = Infer<typeof InviteUserConfirmation>;
