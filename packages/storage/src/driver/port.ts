import type { BlockId, ChunkId, DeviceId, VlobId } from "@parsec/types";
import type { StorageError } from "../errors.ts";

// The storage driver port: ids, flags and ciphertext in, the same out. A driver knows nothing of encryption or of
// business rules. Every `apply` is atomic: all of its writes, in order, or none. There is no interactive transaction,
// since an IndexedDB transaction ends at the first foreign `await`.
// Every method rejects with a StorageError; after `close` with STORAGE_CLOSED.

export interface OpenDeviceOptions {
  /** Wait for another owner to leave, instead of rejecting with DEVICE_IN_USE. */
  readonly wait?: boolean | undefined;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
}

/** Where the databases of devices are: a folder, an origin, a process. */
export interface StorageDriver {
  /**
   * Finds out whether databases can be created, written and closed here, and leaves nothing behind. For what must not be
   * found out too late: ask before anything that cannot be undone.
   * @throws StorageError NATIVE_MODULE_MISSING, STORAGE_UNAVAILABLE, STORAGE_FULL
   */
  check(): Promise<void>;
  /**
   * Takes the device for this process alone and opens its databases, creating what is missing.
   * @throws StorageError DEVICE_IN_USE, NATIVE_MODULE_MISSING, STORAGE_CORRUPTED, STORAGE_UNAVAILABLE, STORAGE_FULL
   */
  openDevice(deviceId: DeviceId, options?: OpenDeviceOptions): Promise<DeviceDatabases>;
  /**
   * Deletes all databases of a device, workspaces included; does nothing when there is none (spec 12 §6).
   * @throws StorageError DEVICE_IN_USE, STORAGE_UNAVAILABLE
   */
  removeDevice(deviceId: DeviceId): Promise<void>;
}

/** The databases of one device, owned until `close`. */
export interface DeviceDatabases {
  readonly certificates: CertificatesDatabase;
  /** Opened once; native databases key the user manifest by its realm. */
  openUser(userRealmId: VlobId): Promise<UserDatabase>;
  openWorkspace(realmId: VlobId): Promise<WorkspaceDatabase>;
  /** Deletes the databases of a workspace that is not open; does nothing when there is none. */
  removeWorkspace(realmId: VlobId): Promise<void>;
  /** Closes every database that is still open and gives the device back. Idempotent. */
  close(): Promise<void>;
}

/** One row: `blob` is encrypted, the rest is clear (spec 12 §1.1). `timestamp` is in microseconds. */
export interface CertificateRow {
  readonly type: string;
  readonly filter1: Uint8Array | null;
  readonly filter2: Uint8Array | null;
  readonly timestamp: number;
  readonly blob: Uint8Array;
}

/** Rows of one type; an absent filter takes all. */
export interface CertificateFilter {
  readonly type: string;
  readonly filter1?: Uint8Array | undefined;
  readonly filter2?: Uint8Array | undefined;
}

export interface CertificateListOptions {
  /** Only rows of that timestamp or before. */
  readonly upTo?: number | undefined;
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
}

export type CertificateWrite =
  | { readonly kind: "forget_all_certificates" }
  | { readonly kind: "insert_certificate"; readonly row: CertificateRow };

/** The greatest timestamp of the rows with that type and that first filter. */
export interface LastTimestamp {
  readonly type: string;
  readonly filter1: Uint8Array | null;
  readonly timestamp: number;
}

export interface CertificatesDatabase {
  apply(writes: readonly CertificateWrite[]): Promise<void>;
  /** The row of the greatest timestamp, not above `upTo` when given; of equal ones the last inserted. */
  last(filter: CertificateFilter, upTo?: number): Promise<CertificateRow | undefined>;
  /** Ascending timestamps; equal ones in order of insertion. */
  list(filter: CertificateFilter, options?: CertificateListOptions): Promise<readonly CertificateRow[]>;
  /** Every row, in order of insertion. */
  all(): Promise<readonly CertificateRow[]>;
  /** One element per type, or per type and first filter for the types of `byFilter1` (`filter1` is null otherwise). */
  lastTimestamps(byFilter1: readonly string[]): Promise<readonly LastTimestamp[]>;
}

/** A manifest as stored: `blob` is encrypted. */
export interface VlobRow {
  readonly id: VlobId;
  readonly baseVersion: number;
  readonly remoteVersion: number;
  readonly needSync: boolean;
  readonly blob: Uint8Array;
}

export type UserManifestRow = Omit<VlobRow, "id">;

export type UserWrite =
  | { readonly kind: "put_checkpoint"; readonly checkpoint: number }
  | { readonly kind: "put_manifest"; readonly row: UserManifestRow }
  /** Changes nothing when there is no manifest. */
  | { readonly kind: "set_remote_version"; readonly remoteVersion: number };

export interface UserDatabase {
  apply(writes: readonly UserWrite[]): Promise<void>;
  /** 0 when never set. */
  checkpoint(): Promise<number>;
  manifest(): Promise<UserManifestRow | undefined>;
  close(): Promise<void>;
}

export interface StoredPattern {
  /** Regular expressions joined by `|`. */
  readonly pattern: string;
  /** Whether every manifest was brought in line with it. */
  readonly fullyApplied: boolean;
}

/** What a workspace has before any pattern is set: matches no name (spec 12 §2). */
export const initialPattern: StoredPattern = { pattern: "^\\b$", fullyApplied: false };

/** Encrypted content that no manifest on the server has yet. */
export interface ChunkRow {
  readonly id: ChunkId;
  readonly data: Uint8Array;
}

/** What is known of a chunk without reading it. */
export interface ChunkInfo {
  readonly id: ChunkId;
  /** Bytes as stored, which is as encrypted. */
  readonly size: number;
  /** The server has accepted its block. */
  readonly sent: boolean;
}

/** Encrypted content that the server has. `accessedOn` is in microseconds. */
export interface BlockRow {
  readonly id: BlockId;
  readonly data: Uint8Array;
  readonly accessedOn: number;
}

export type WorkspaceWrite =
  | { readonly kind: "put_checkpoint"; readonly checkpoint: number }
  | { readonly kind: "put_pattern"; readonly pattern: StoredPattern }
  | { readonly kind: "put_vlob"; readonly row: VlobRow }
  /** Changes nothing when absent. */
  | { readonly kind: "delete_vlob"; readonly id: VlobId }
  /** Changes nothing when that manifest is unknown. */
  | { readonly kind: "set_remote_version"; readonly id: VlobId; readonly remoteVersion: number }
  /** Not sent, whatever was there before. */
  | { readonly kind: "put_chunk"; readonly chunk: ChunkRow }
  /** Changes nothing when absent. */
  | { readonly kind: "mark_chunk_sent"; readonly id: ChunkId }
  /** Changes nothing when absent. */
  | { readonly kind: "delete_chunk"; readonly id: ChunkId };

export type BlockWrite =
  | { readonly kind: "put_block"; readonly block: BlockRow }
  /** Changes nothing when absent. */
  | { readonly kind: "touch_block"; readonly id: BlockId; readonly accessedOn: number }
  /** Changes nothing when absent. */
  | { readonly kind: "delete_block"; readonly id: BlockId }
  | { readonly kind: "delete_all_blocks" }
  /** When there are more than `max` blocks: deletes the surplus and `slack` more, the least recently used first. */
  | { readonly kind: "evict_blocks"; readonly max: number; readonly slack: number };

/** Where a page ends, in the words of the driver that gave it. */
export type PageCursor = string | number;

export interface Page<T> {
  readonly items: readonly T[];
  /** Where the next page begins; `undefined` after the last one. */
  readonly next: PageCursor | undefined;
}

/** A manifest whose row is not what this device wrote. It stays where it is. */
export interface DamagedVlob {
  readonly id: VlobId;
  readonly damage: StorageError;
}

/** The manifests, chunks and cached blocks of one workspace. Blocks may live in a file of their own: see each write. */
export interface WorkspaceDatabase {
  apply(writes: readonly WorkspaceWrite[]): Promise<void>;
  /** Atomic too, in the block cache. */
  applyToCache(writes: readonly BlockWrite[]): Promise<void>;
  /**
   * Moves the ciphertext of chunks to the block cache, then applies `after` there; ids that are unknown are passed over.
   * A crash leaves each as a chunk, as a block, or as both. Rejects with all chunks still there when the cache refuses.
   */
  moveChunksToBlocks(ids: readonly ChunkId[], accessedOn: number, after: readonly BlockWrite[]): Promise<void>;

  /** 0 when never set. */
  checkpoint(): Promise<number>;
  pattern(): Promise<StoredPattern>;
  vlob(id: VlobId): Promise<VlobRow | undefined>;
  /** The remote version of a manifest, without its content. */
  remoteVersion(id: VlobId): Promise<number | undefined>;
  /**
   * At most `limit` manifests, from where an earlier page ended. From page to page each that stays is given once, the
   * order does not change, and a damaged row holds no other one.
   */
  vlobs(after: PageCursor | undefined, limit: number): Promise<Page<VlobRow | DamagedVlob>>;
  /** Manifests whose base version differs from the remote one. */
  inboundNeedSync(limit: number): Promise<readonly VlobId[]>;
  outboundNeedSync(limit: number): Promise<readonly VlobId[]>;
  /** How many {@link outboundNeedSync} would give without limit. */
  outboundCount(): Promise<number>;
  chunk(id: ChunkId): Promise<Uint8Array | undefined>;
  /** Of every chunk, in any order. */
  chunkInfos(): Promise<readonly ChunkInfo[]>;
  block(id: BlockId): Promise<Uint8Array | undefined>;
  /** The least recently used first. */
  blockIds(): Promise<readonly BlockId[]>;
  close(): Promise<void>;
}
