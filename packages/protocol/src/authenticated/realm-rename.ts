import { Bool, Bytes, DateTime } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/**
 * Sets the encrypted name of a realm. For an OWNER, with the current key. With `initialNameOrFail` it fails when
 * there is a name already (spec 05 §13.1).
 */
export const realmRename = /* @__PURE__ */ command("authenticated", "realm_rename", () => ({
  request: { realmNameCertificate: Bytes, initialNameOrFail: Bool },
  replies: {
    ok: {},
    initial_name_already_exists: { lastRealmCertificateTimestamp: DateTime },
    author_not_allowed: {},
    bad_key_index: { lastRealmCertificateTimestamp: DateTime },
    invalid_certificate: {},
    realm_not_found: {},
    realm_deleted: {},
    timestamp_out_of_ballpark: timestampOutOfBallpark,
    require_greater_timestamp: requireGreaterTimestamp,
  },
}));
export type RealmRenameRequest = RequestOf<typeof realmRename>;
export type RealmRenameReply = ReplyOf<typeof realmRename>;
