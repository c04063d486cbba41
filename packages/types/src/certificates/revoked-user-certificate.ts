import { type Infer, tagged } from "../codec/index.ts";
import { DeviceId, UserId } from "../ids.ts";
import { DateTime } from "../time.ts";

/** Revokes a user and all its devices, for ever (spec 04 §2.4). The author is a device of another user. */
export const RevokedUserCertificate = /* @__PURE__ */ tagged("type", "revoked_user_certificate", {
  author: DeviceId,
  timestamp: DateTime,
  userId: UserId,
});
export type RevokedUserCertificate = Infer<typeof RevokedUserCertificate>;
