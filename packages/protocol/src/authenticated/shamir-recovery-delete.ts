import { Bytes, DateTime } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/**
 * Deletes the caller's own recovery setup. The recipients of the certificate must be those of the setup (spec 05
 * §13.1).
 */
export const shamirRecoveryDelete = /* @__PURE__ */ command("authenticated", "shamir_recovery_delete", () => ({
  request: { shamirRecoveryDeletionCertificate: Bytes },
  replies: {
    ok: {},
    invalid_certificate_corrupted: {},
    invalid_certificate_user_id_must_be_self: {},
    shamir_recovery_not_found: {},
    recipients_mismatch: {},
    shamir_recovery_already_deleted: { lastShamirCertificateTimestamp: DateTime },
    timestamp_out_of_ballpark: timestampOutOfBallpark,
    require_greater_timestamp: requireGreaterTimestamp,
  },
}));
export type ShamirRecoveryDeleteRequest = RequestOf<typeof shamirRecoveryDelete>;
export type ShamirRecoveryDeleteReply = ReplyOf<typeof shamirRecoveryDelete>;
