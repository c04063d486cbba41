import { type Infer, tagged } from "../codec/index.ts";
import { UserProfile } from "../enumerations.ts";
import { DeviceId, UserId } from "../ids.ts";
import { DateTime } from "../time.ts";

/** Gives a user another profile (spec 04 §2.4). The author is a device of another user. */
export const UserUpdateCertificate = /* @__PURE__ */ tagged("type", "user_update_certificate", {
  author: DeviceId,
  timestamp: DateTime,
  userId: UserId,
  newProfile: UserProfile,
});
export type UserUpdateCertificate = Infer<typeof UserUpdateCertificate>;
