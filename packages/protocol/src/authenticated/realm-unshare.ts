import { Bytes, DateTime } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/** Takes another user's role away. The caller's role is that which sharing the old role would need (spec 05 §13.1). */
export const realmUnshare = /* @__PURE__ */ command("authenticated", "realm_unshare", () => ({
  request: { realmRoleCertificate: Bytes },
  replies: {
    ok: {},
    author_not_allowed: {},
    realm_not_found: {},
    realm_deleted: {},
    recipient_not_found: {},
    recipient_already_unshared: { lastRealmCertificateTimestamp: DateTime },
    invalid_certificate: {},
    timestamp_out_of_ballpark: timestampOutOfBallpark,
    require_greater_timestamp: requireGreaterTimestamp,
  },
}));
export type RealmUnshareRequest = RequestOf<typeof realmUnshare>;
export type RealmUnshareReply = ReplyOf<typeof realmUnshare>;
