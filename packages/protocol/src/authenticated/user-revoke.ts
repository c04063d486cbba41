import { Bytes, DateTime } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/**
 * Revokes another user. For an ADMIN. The certificate must be later than everything in the realms of that user
 * (spec 05 §13.1).
 */
export const userRevoke = /* @__PURE__ */ command("authenticated", "user_revoke", () => ({
  request: { revokedUserCertificate: Bytes },
  replies: {
    ok: {},
    author_not_allowed: {},
    user_not_found: {},
    user_already_revoked: { lastCommonCertificateTimestamp: DateTime },
    invalid_certificate: {},
    timestamp_out_of_ballpark: timestampOutOfBallpark,
    require_greater_timestamp: requireGreaterTimestamp,
  },
}));
export type UserRevokeRequest = RequestOf<typeof userRevoke>;
export type UserRevokeReply = ReplyOf<typeof userRevoke>;
