import { Bytes, DateTime } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/**
 * Takes over a realm that has no active OWNER. For the active member of the highest role, not an OUTSIDER. Since
 * API 5.5 (spec 05 §13.1).
 */
export const realmSelfPromoteToOwner = /* @__PURE__ */ command("authenticated", "realm_self_promote_to_owner", () => ({
  revision: 5,
  request: { realmRoleCertificate: Bytes },
  replies: {
    ok: {},
    author_is_outsider: {},
    author_not_allowed: {},
    realm_not_found: {},
    realm_deleted: {},
    active_owner_already_exists: { lastRealmCertificateTimestamp: DateTime },
    invalid_certificate: {},
    timestamp_out_of_ballpark: timestampOutOfBallpark,
    require_greater_timestamp: requireGreaterTimestamp,
  },
}));
export type RealmSelfPromoteToOwnerRequest = RequestOf<typeof realmSelfPromoteToOwner>;
export type RealmSelfPromoteToOwnerReply = ReplyOf<typeof realmSelfPromoteToOwner>;
