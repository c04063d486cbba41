import { Bytes, type Infer, tagged } from "../codec/index.ts";
import { DeviceId, UserId } from "../ids.ts";
import { DateTime } from "../time.ts";

/** The shares of one recipient, sealed for it (spec 04 §2.10). Same author and timestamp as the brief. */
export const ShamirRecoveryShareCertificate = /* @__PURE__ */ tagged("type", "shamir_recovery_share_certificate", {
  author: DeviceId,
  timestamp: DateTime,
  userId: UserId,
  recipient: UserId,
  cipheredShare: Bytes,
});
export type ShamirRecoveryShareCertificate = Infer<typeof ShamirRecoveryShareCertificate>;
