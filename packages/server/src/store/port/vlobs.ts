import type { BlockId, DateTime, DeviceId, OrganizationId, VlobId } from "@parsec/types";

/** One version of a vlob (spec 08a §4.4). */
export interface VlobRow {
  readonly vlobId: VlobId;
  /** From 1. */
  readonly version: number;
  readonly keyIndex: number;
  readonly blob: Uint8Array;
  readonly author: DeviceId;
  /** The client's. */
  readonly timestamp: DateTime;
}

/** `current` is the realm's last checkpoint; each vlob appears once, with its latest version. */
export interface VlobChanges {
  readonly changes: readonly (readonly [VlobId, number])[];
  readonly current: number;
}

/** A version with its place in the realm: from 1, without gaps. */
export interface PlacedVlobRow extends VlobRow {
  readonly checkpoint: number;
}

/** Which part of a realm's versions: those after a checkpoint, 0 for the first ones. */
export interface VlobPage {
  readonly after: number;
  /** Rows at most. */
  readonly limit: number;
  /** Bytes of blobs at most; a single version may be larger. */
  readonly bytes: number;
}

/** Which part of a realm's blocks: those created after a block, null for the first ones. */
export interface BlockPage {
  readonly after: BlockId | null;
  /** Rows at most. */
  readonly limit: number;
}

/** The first of these rows, as many as that many bytes hold; at least one. */
export function within<T extends { readonly size: number }>(rows: readonly T[], bytes: number): readonly T[] {
  let sum = 0;
  const end = rows.findIndex(({ size }, index) => {
    sum += size;
    return index > 0 && sum > bytes;
  });
  return end < 0 ? rows : rows.slice(0, end);
}

export interface VlobQueries {
  /** The version gets the realm's next checkpoint. */
  insert(organizationId: OrganizationId, realmId: VlobId, row: VlobRow): Promise<void>;
  /** 0 for an unknown vlob. */
  lastVersion(organizationId: OrganizationId, realmId: VlobId, vlobId: VlobId): Promise<number>;
  /** Of each known vlob its last version, or its last one not after `at`. In the order asked. */
  latest(
    organizationId: OrganizationId,
    realmId: VlobId,
    vlobs: readonly VlobId[],
    at: DateTime | null,
  ): Promise<readonly VlobRow[]>;
  /** The known ones of these versions, in the order asked. */
  versions(
    organizationId: OrganizationId,
    realmId: VlobId,
    items: readonly (readonly [VlobId, number])[],
  ): Promise<readonly VlobRow[]>;
  changesAfter(organizationId: OrganizationId, realmId: VlobId, checkpoint: number): Promise<VlobChanges>;
  /** The greatest timestamp of any version in the realm. */
  newestTimestamp(organizationId: OrganizationId, realmId: VlobId): Promise<DateTime | undefined>;
  /** Some versions in checkpoint order; none only after the last one. What reads a whole realm reads it by these. */
  page(organizationId: OrganizationId, realmId: VlobId, page: VlobPage): Promise<readonly PlacedVlobRow[]>;
  /** Every version, in checkpoint order: for dumps and tests, since it is as large as the realm. */
  list(organizationId: OrganizationId, realmId: VlobId): Promise<readonly VlobRow[]>;
  /** Bytes of all versions not after `at`. */
  totalSize(organizationId: OrganizationId, realmId: VlobId, at?: DateTime): Promise<number>;
}

/** What the server knows about a block; its bytes are in the block store. */
export interface BlockRow {
  readonly blockId: BlockId;
  readonly author: DeviceId;
  readonly size: number;
  /** SHA-256 of the bytes; null for blocks that were created before it was kept. */
  readonly digest: Uint8Array | null;
  readonly keyIndex: number;
  /** The server's date. */
  readonly createdOn: DateTime;
}

export interface BlockQueries {
  find(organizationId: OrganizationId, realmId: VlobId, blockId: BlockId): Promise<BlockRow | undefined>;
  /** The realms of the organization that have a block of that id, by their own ids. */
  realmsWith(organizationId: OrganizationId, blockId: BlockId): Promise<readonly VlobId[]>;
  insert(organizationId: OrganizationId, realmId: VlobId, row: BlockRow): Promise<void>;
  /** Some blocks in the order of their creation; none after the last one, or after a block that is not there. */
  page(organizationId: OrganizationId, realmId: VlobId, page: BlockPage): Promise<readonly BlockRow[]>;
  /** How many there are. */
  count(organizationId: OrganizationId, realmId: VlobId): Promise<number>;
  /** Every block, in the order of their creation: for dumps and tests, since it is as large as the realm. */
  list(organizationId: OrganizationId, realmId: VlobId): Promise<readonly BlockRow[]>;
  totalSize(organizationId: OrganizationId, realmId: VlobId, at?: DateTime): Promise<number>;
}
