import { AccessToken, Bytes, DateTime, list } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/**
 * Creates the caller's own recovery setup: a brief certificate, and one share certificate for each of its
 * recipients. There must be no other active setup (spec 05 §13.1).
 */
export const shamirRecoverySetup = /* @__PURE__ */ command("authenticated", "shamir_recovery_setup", () => ({
  request: {
    cipheredData: Bytes,
    revealToken: AccessToken,
    shamirRecoveryBriefCertificate: Bytes,
    shamirRecoveryShareCertificates: list(Bytes),
  },
  replies: {
    ok: {},
    invalid_certificate_brief_corrupted: {},
    invalid_certificate_share_corrupted: {},
    invalid_certificate_share_recipient_not_in_brief: {},
    invalid_certificate_duplicate_share_for_recipient: {},
    invalid_certificate_author_included_as_recipient: {},
    invalid_certificate_missing_share_for_recipient: {},
    invalid_certificate_share_inconsistent_timestamp: {},
    invalid_certificate_user_id_must_be_self: {},
    recipient_not_found: {},
    revoked_recipient: { lastCommonCertificateTimestamp: DateTime },
    shamir_recovery_already_exists: { lastShamirCertificateTimestamp: DateTime },
    timestamp_out_of_ballpark: timestampOutOfBallpark,
    require_greater_timestamp: requireGreaterTimestamp,
  },
}));
export type ShamirRecoverySetupRequest = RequestOf<typeof shamirRecoverySetup>;
export type ShamirRecoverySetupReply = ReplyOf<typeof shamirRecoverySetup>;
