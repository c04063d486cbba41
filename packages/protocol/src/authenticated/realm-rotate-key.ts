import { Bytes, DateTime, map, nullable, SequesterServiceId, Str, UserId } from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { requireGreaterTimestamp, timestampOutOfBallpark } from "../shared/timestamp-replies.ts";

/**
 * Adds the next key to a realm. For an OWNER. The accesses are exactly those of the current participants, and of
 * the active sequester services (null when the organization has no sequester) (spec 05 §13.1).
 */
export const realmRotateKey = /* @__PURE__ */ command("authenticated", "realm_rotate_key", () => ({
  request: {
    realmKeyRotationCertificate: Bytes,
    perParticipantKeysBundleAccess: map(UserId, Bytes),
    perSequesterServiceKeysBundleAccess: nullable(map(SequesterServiceId, Bytes)),
    keysBundle: Bytes,
  },
  replies: {
    ok: {},
    author_not_allowed: {},
    realm_not_found: {},
    realm_deleted: {},
    bad_key_index: { lastRealmCertificateTimestamp: DateTime },
    participant_mismatch: { lastRealmCertificateTimestamp: DateTime },
    sequester_service_mismatch: { lastSequesterCertificateTimestamp: DateTime },
    rejected_by_sequester_service: { serviceId: SequesterServiceId, reason: nullable(Str) },
    sequester_service_unavailable: { serviceId: SequesterServiceId },
    organization_not_sequestered: {},
    invalid_certificate: {},
    timestamp_out_of_ballpark: timestampOutOfBallpark,
    require_greater_timestamp: requireGreaterTimestamp,
  },
}));
export type RealmRotateKeyRequest = RequestOf<typeof realmRotateKey>;
export type RealmRotateKeyReply = ReplyOf<typeof realmRotateKey>;
