import { Bytes, DateTime, Index, nullable, SequesterServiceId, Str, VlobId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/**
 * Uploads version 1 of a vlob. For OWNER, MANAGER and CONTRIBUTOR. The timestamp is that of the manifest within,
 * and later than the certificates of the realm (spec 05 §13.1).
 */
export const vlobCreate = /* @__PURE__ */ command("authenticated", "vlob_create", () => ({
  request: { realmId: VlobId, vlobId: VlobId, keyIndex: Index, timestamp: DateTime, blob: Bytes },
  replies: {
    ok: {},
    author_not_allowed: {},
    bad_key_index: { lastRealmCertificateTimestamp: DateTime },
    realm_not_found: {},
    realm_archived: {},
    realm_deleted: {},
    vlob_already_exists: {},
    rejected_by_sequester_service: { serviceId: SequesterServiceId, reason: nullable(Str) },
    sequester_service_unavailable: { serviceId: SequesterServiceId },
    timestamp_out_of_ballpark: timestampOutOfBallpark,
    require_greater_timestamp: requireGreaterTimestamp,
  },
}));
export type VlobCreateRequest = RequestOf<typeof vlobCreate>;
export type VlobCreateReply = ReplyOf<typeof vlobCreate>;
