import { Bytes, DateTime } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/** Creates a realm, with the caller as its OWNER. Not for an OUTSIDER (spec 05 §13.1). */
export const realmCreate = /* @__PURE__ */ command("authenticated", "realm_create", () => ({
  request: { realmRoleCertificate: Bytes },
  replies: {
    ok: {},
    realm_already_exists: { lastRealmCertificateTimestamp: DateTime },
    author_not_allowed: {},
    invalid_certificate: {},
    timestamp_out_of_ballpark: timestampOutOfBallpark,
    require_greater_timestamp: requireGreaterTimestamp,
  },
}));
export type RealmCreateRequest = RequestOf<typeof realmCreate>;
export type RealmCreateReply = ReplyOf<typeof realmCreate>;
