import type { VerifyKey } from "@parsec/crypto";
import type { BlockId, DateTime, DeviceId, OrganizationId, SequesterServiceId, UserId, VlobId } from "@parsec/types";

/** One version of a vlob, as the server had it: sealed. */
export interface ExportedVersion {
  readonly vlobId: VlobId;
  readonly keyIndex: number;
  readonly author: DeviceId;
  readonly version: number;
  readonly timestamp: DateTime;
  readonly blob: Uint8Array;
}

/** A block, as the server had it: sealed. */
export interface ExportedBlock {
  readonly keyIndex: number;
  readonly data: Uint8Array;
}

/**
 * The open file of an exported realm (spec 12 §8): complete, of a known version, and otherwise not to be trusted; nothing
 * in it has been verified. Every read may throw RealmExportError INVALID_REALM_EXPORT and CANNOT_OPEN_REALM_EXPORT.
 */
export interface RealmExportFile {
  readonly organizationId: OrganizationId;
  readonly realmId: VlobId;
  readonly rootVerifyKey: VerifyKey;
  /** The moment that was exported: nothing in the file is later. */
  readonly snapshot: DateTime;
  /** Signed, in the order of their topic. */
  certificates(topic: "common" | "sequester" | "realm"): readonly Uint8Array[];
  keysBundle(keyIndex: number): Uint8Array | undefined;
  /** For a user: all that there ever were for that key, oldest first. */
  userAccesses(user: UserId, keyIndex: number): readonly Uint8Array[];
  serviceAccesses(service: SequesterServiceId, keyIndex: number): readonly Uint8Array[];
  version(id: VlobId, version: number): ExportedVersion | undefined;
  /** The latest version that is not later than `at`. */
  versionAt(id: VlobId, at: DateTime): ExportedVersion | undefined;
  /** Up to `limit` versions that are earlier than `before` (and not later than the snapshot), the latest first. */
  versionsBefore(id: VlobId, before: DateTime, limit: number): readonly ExportedVersion[];
  block(id: BlockId): ExportedBlock | undefined;
  /** Nothing can be read afterwards. Idempotent. */
  close(): Promise<void>;
}
