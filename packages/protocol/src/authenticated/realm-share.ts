import { Bytes, DateTime, Index } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/**
 * Gives a role to another user, or changes it. MANAGER may give READER and CONTRIBUTOR, OWNER any role. The realm
 * must have a key (spec 05 §13.1).
 */
export const realmShare = /* @__PURE__ */ command("authenticated", "realm_share", () => ({
  request: { realmRoleCertificate: Bytes, recipientKeysBundleAccess: Bytes, keyIndex: Index },
  replies: {
    ok: {},
    author_not_allowed: {},
    realm_not_found: {},
    realm_deleted: {},
    recipient_not_found: {},
    recipient_revoked: {},
    role_incompatible_with_outsider: {},
    role_already_granted: { lastRealmCertificateTimestamp: DateTime },
    bad_key_index: { lastRealmCertificateTimestamp: DateTime },
    invalid_certificate: {},
    timestamp_out_of_ballpark: timestampOutOfBallpark,
    require_greater_timestamp: requireGreaterTimestamp,
  },
}));
export type RealmShareRequest = RequestOf<typeof realmShare>;
export type RealmShareReply = ReplyOf<typeof realmShare>;
