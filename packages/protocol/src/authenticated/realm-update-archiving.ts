import { Bytes } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/**
 * Archives a realm, plans its deletion, or makes it available again. For an OWNER. A deletion cannot be earlier
 * than the organization's minimum period. Since API 5.5 (spec 05 §13.1).
 */
export const realmUpdateArchiving = /* @__PURE__ */ command("authenticated", "realm_update_archiving", () => ({
  revision: 5,
  request: { archivingCertificate: Bytes },
  replies: {
    ok: {},
    author_not_allowed: {},
    invalid_certificate: {},
    realm_not_found: {},
    realm_deleted: {},
    archiving_period_too_short: {},
    require_greater_timestamp: requireGreaterTimestamp,
    timestamp_out_of_ballpark: timestampOutOfBallpark,
  },
}));
export type RealmUpdateArchivingRequest = RequestOf<typeof realmUpdateArchiving>;
export type RealmUpdateArchivingReply = ReplyOf<typeof realmUpdateArchiving>;
