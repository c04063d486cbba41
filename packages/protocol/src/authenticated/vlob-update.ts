import { Bytes, DateTime, Index, nullable, SequesterServiceId, Str, Version, VlobId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/**
 * Uploads the next version of a vlob. For OWNER, MANAGER and CONTRIBUTOR. `bad_vlob_version` means that somebody
 * else wrote before: merge (spec 05 §13.1).
 */
export const vlobUpdate = /* @__PURE__ */ command("authenticated", "vlob_update", () => ({
  request: { realmId: VlobId, vlobId: VlobId, keyIndex: Index, timestamp: DateTime, version: Version, blob: Bytes },
  replies: {
    ok: {},
    author_not_allowed: {},
    bad_key_index: { lastRealmCertificateTimestamp: DateTime },
    realm_not_found: {},
    realm_archived: {},
    realm_deleted: {},
    vlob_not_found: {},
    bad_vlob_version: {},
    rejected_by_sequester_service: { serviceId: SequesterServiceId, reason: nullable(Str) },
    sequester_service_unavailable: { serviceId: SequesterServiceId },
    timestamp_out_of_ballpark: timestampOutOfBallpark,
    require_greater_timestamp: requireGreaterTimestamp,
  },
}));
export type VlobUpdateRequest = RequestOf<typeof vlobUpdate>;
export type VlobUpdateReply = ReplyOf<typeof vlobUpdate>;
