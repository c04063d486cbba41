import { type Infer, set, tagged } from "../codec/index.ts";
import { DeviceId, UserId } from "../ids.ts";
import { DateTime } from "../time.ts";

/** Deletes the recovery setup that the user and the brief's timestamp identify (spec 04 §2.10). */
export const ShamirRecoveryDeletionCertificate = /* @__PURE__ */ tagged(
  "type",
  "shamir_recovery_deletion_certificate",
  {
    author: DeviceId,
    timestamp: DateTime,
    setupToDeleteTimestamp: DateTime,
    setupToDeleteUserId: UserId,
    shareRecipients: /* @__PURE__ */ set(UserId),
  },
);
export type ShamirRecoveryDeletionCertificate = Infer<typeof ShamirRecoveryDeletionCertificate>;
