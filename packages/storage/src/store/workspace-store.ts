import { breathe, type Clock, Mutex, requireBytes } from "@parsec/base";
import type { SecretKey } from "@parsec/crypto";
import { type BlockId, blockIdOfChunk, ChunkId, sealLocalManifest, type VlobId } from "@parsec/types";
import type {
  ChunkInfo,
  Page,
  PageCursor,
  StoredPattern,
  VlobRow,
  WorkspaceDatabase,
  WorkspaceWrite,
} from "../driver/port.ts";
import { damagedEntry, PatternMismatchError, StorageError } from "../errors.ts";
import { BlockCache } from "./block-cache.ts";
import { ChunkLedger } from "./chunk-ledger.ts";
import { type DamagedManifest, openWorkspaceManifest, type WorkspaceManifest } from "./manifest.ts";
import { clearSize, openContent, sealContent } from "./sealed.ts";

/** Chunks in one transaction where nothing says how many: 2 MiB of default blocks, which no timer feels. */
const chunksAtOnce = 4;

/** Content in clear, not on the server yet. */
export interface NewChunk {
  readonly id: ChunkId;
  readonly data: Uint8Array;
}

/** A changed remote version, as the server tells it. */
export interface RemoteChange {
  readonly id: VlobId;
  readonly remoteVersion: number;
}

/** What changes in one transaction. What is left out changes nothing. */
export interface WorkspaceChanges {
  readonly manifests?: Iterable<WorkspaceManifest> | undefined;
  /** Forgotten, also when they are among `manifests`; unknown ones are passed over. */
  readonly deletedManifests?: Iterable<VlobId> | undefined;
  readonly newChunks?: Iterable<NewChunk> | undefined;
  /** Deleted, also when they are among `newChunks`; unknown ones are passed over. */
  readonly removedChunks?: Iterable<ChunkId> | undefined;
}

/** What still waits for an upload: manifests, and the stored size of the chunks that were not sent. */
export interface OutboundBacklog {
  readonly entries: number;
  readonly bytes: number;
}

export interface WorkspaceStoreOptions {
  readonly realmId: VlobId;
  readonly localSymkey: SecretKey;
  readonly clock: Clock;
  /** Limit of the block cache in bytes. */
  readonly blockCacheSize: number;
}

/**
 * The manifests, chunks and blocks of one workspace on this device (spec 12 §3): clear values in and out, ciphertext
 * below. Each method is one transaction, and rejects with a `StorageError`, having stored nothing. When space runs out
 * the block cache is emptied and the write is tried once more; chunks are never dropped.
 */
export class WorkspaceStore {
  readonly #database: WorkspaceDatabase;
  readonly #realmId: VlobId;
  readonly #key: SecretKey;
  readonly #cache: BlockCache;
  readonly #writing = new Mutex();
  #ledger: ChunkLedger | undefined;

  constructor(database: WorkspaceDatabase, options: WorkspaceStoreOptions) {
    this.#database = database;
    this.#realmId = options.realmId;
    this.#key = options.localSymkey;
    this.#cache = new BlockCache(database, options.localSymkey, options.clock, options.blockCacheSize);
  }

  // --- Realm checkpoint

  /** 0 when never set. */
  getCheckpoint(): Promise<number> {
    return this.#database.checkpoint();
  }

  /** Sets the checkpoint and the remote versions, even downwards; manifests that are unknown here are passed over. */
  updateCheckpoint(checkpoint: number, changes: readonly RemoteChange[]): Promise<void> {
    const versions = changes.map((change): WorkspaceWrite => ({ kind: "set_remote_version", ...change }));
    return this.#write(async () => [{ kind: "put_checkpoint", checkpoint }, ...versions]);
  }

  // --- What is to be synchronised. No order is promised.

  /** Entries whose base version is not the remote one. */
  getInboundNeedSync(limit: number): Promise<readonly VlobId[]> {
    return this.#database.inboundNeedSync(limit);
  }

  getOutboundNeedSync(limit: number): Promise<readonly VlobId[]> {
    return this.#database.outboundNeedSync(limit);
  }

  async getOutboundBacklog(): Promise<OutboundBacklog> {
    const ledger = await this.#chunks();
    return { entries: await this.#database.outboundCount(), bytes: ledger.unsentSize };
  }

  // --- Manifests

  /** @throws StorageError STORAGE_CORRUPTED, with the entry, when its manifest is damaged */
  async getManifest(id: VlobId): Promise<WorkspaceManifest | undefined> {
    const row = await this.#naming(id, () => this.#database.vlob(id));
    return row === undefined ? undefined : this.#openManifest(row);
  }

  /**
   * A page of at most `limit` manifests, from where an earlier page ended. A damaged one is told apart, and holds no
   * other. From page to page each manifest that stays is given once.
   */
  async listManifests(
    after: PageCursor | undefined,
    limit: number,
  ): Promise<Page<WorkspaceManifest | DamagedManifest>> {
    const { items, next } = await this.#database.vlobs(after, limit);
    const manifests: (WorkspaceManifest | DamagedManifest)[] = [];
    for (const row of items) {
      manifests.push("damage" in row ? row : this.#openOrDamaged(row));
      await breathe();
    }
    return { items: manifests, next };
  }

  #openOrDamaged(row: VlobRow): WorkspaceManifest | DamagedManifest {
    try {
      return this.#openManifest(row);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      return { id: row.id, damage: error };
    }
  }

  #openManifest({ id, blob }: VlobRow): WorkspaceManifest {
    return openWorkspaceManifest(this.#key, this.#realmId, id, blob);
  }

  /** What the driver finds damaged is told with the entry that it was asked for. */
  async #naming<T>(id: VlobId, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw error instanceof StorageError && error.code === "STORAGE_CORRUPTED" ? damagedEntry(id, error) : error;
    }
  }

  /** Stores the manifest if none is known under its id, and says whether it did. */
  async populateManifest(manifest: WorkspaceManifest): Promise<"stored" | "already_present"> {
    let outcome: "stored" | "already_present" = "stored";
    const blob = sealLocalManifest(this.#key, manifest);
    await this.#write(async () => {
      const known = await this.#remoteVersion(manifest.base.id);
      if (known === undefined) return [vlobWrite(manifest, blob, manifest.base.version)];
      outcome = "already_present";
      return [];
    });
    return outcome;
  }

  /** Stores all of them, or none. The remote version of each never goes back. */
  updateManifests(manifests: readonly WorkspaceManifest[]): Promise<void> {
    return this.applyChanges({ manifests });
  }

  /**
   * Stores the manifest with its new chunks, and deletes those that it no longer needs. An id in both lists ends
   * deleted; a removed id that is unknown is passed over.
   */
  updateManifestAndChunks(
    manifest: WorkspaceManifest,
    newChunks: readonly NewChunk[],
    removedChunks: Iterable<ChunkId>,
  ): Promise<void> {
    return this.applyChanges({ manifests: [manifest], newChunks, removedChunks });
  }

  /** All of the changes in one transaction, or none. The remote version of a manifest never goes back. */
  async applyChanges(changes: WorkspaceChanges): Promise<void> {
    const { manifests = [], deletedManifests = [], newChunks = [], removedChunks = [] } = changes;
    const content = await this.#chunkWrites(newChunks);
    for (const id of removedChunks) content.push({ kind: "delete_chunk", id });
    const sealed: { readonly manifest: WorkspaceManifest; readonly blob: Uint8Array }[] = [];
    for (const manifest of manifests) {
      sealed.push({ manifest, blob: sealLocalManifest(this.#key, manifest) });
      await breathe();
    }
    await this.#write(async () => {
      const writes: WorkspaceWrite[] = [];
      for (const { manifest, blob } of sealed) {
        const known = await this.#remoteVersion(manifest.base.id);
        writes.push(vlobWrite(manifest, blob, Math.max(known ?? 0, manifest.base.version)));
      }
      for (const id of deletedManifests) writes.push({ kind: "delete_vlob", id });
      return writes.concat(content);
    });
  }

  #remoteVersion(id: VlobId): Promise<number | undefined> {
    return this.#naming(id, () => this.#database.remoteVersion(id));
  }

  // --- Content

  /** Content that waits for its upload. */
  async getChunk(id: ChunkId): Promise<Uint8Array | undefined> {
    const stored = await this.#database.chunk(id);
    if (stored === undefined) return undefined;
    return openContent(`chunk ${ChunkId.display(id)}`, this.#key, stored);
  }

  async setChunk(id: ChunkId, data: Uint8Array): Promise<void> {
    await this.setChunks([{ id, data }]);
  }

  /** A few in each transaction: on failure some may be stored, which no manifest names. */
  async setChunks(chunks: readonly NewChunk[]): Promise<void> {
    const puts = await this.#chunkWrites(chunks);
    for (let start = 0; start < puts.length; start += chunksAtOnce) {
      await this.#write(async () => puts.slice(start, start + chunksAtOnce));
    }
  }

  /** Deletes chunks; ids that are unknown are passed over. */
  removeChunks(ids: Iterable<ChunkId>): Promise<void> {
    return this.applyChanges({ removedChunks: ids });
  }

  /**
   * Records that the server has accepted the blocks of these chunks, in one transaction; unknown ones are passed over.
   * They stay chunks until {@link moveSentChunksToBlocks}.
   */
  markChunksSent(ids: Iterable<ChunkId>): Promise<void> {
    const marks = Array.from(ids, (id): WorkspaceWrite => ({ kind: "mark_chunk_sent", id }));
    return this.#write(async () => marks);
  }

  /** Without reading its content; `size` is that of the clear content in bytes. */
  async getChunkInfo(id: ChunkId): Promise<ChunkInfo | undefined> {
    const info = (await this.#chunks()).get(id);
    return info === undefined ? undefined : clearInfo(info);
  }

  /** Every chunk; sizes in bytes of clear content. */
  async listChunks(): Promise<readonly ChunkInfo[]> {
    return Array.from((await this.#chunks()).all(), clearInfo);
  }

  /** A block of the cache; marks it as used now. One that is damaged is not there. */
  getBlock(id: BlockId): Promise<Uint8Array | undefined> {
    return this.#cache.get(id);
  }

  /**
   * Caches a block that the server has, then evicts the least recently used ones over the limit. Resolves also when it
   * could not be cached: nothing is lost.
   */
  async setBlock(id: BlockId, data: Uint8Array): Promise<void> {
    requireBytes("data", data);
    await this.#cache.put(id, data);
  }

  /** Looks among the chunks first. */
  async getChunkOrBlock(id: ChunkId): Promise<Uint8Array | undefined> {
    return (await this.getChunk(id)) ?? (await this.getBlock(blockIdOfChunk(id)));
  }

  /** {@link moveSentChunksToBlocks} for one chunk. */
  promoteChunkToBlock(id: ChunkId): Promise<void> {
    return this.moveSentChunksToBlocks([id]);
  }

  /**
   * Call it once the server has the blocks of these chunks, and manifests that name them: they become cached blocks, or
   * go when the cache cannot take them. Unknown ones are passed over.
   */
  async moveSentChunksToBlocks(ids: Iterable<ChunkId>): Promise<void> {
    const moved = [...ids];
    if (moved.length === 0) return;
    await this.#writing.run(async () => {
      const deletions = moved.map((id): WorkspaceWrite => ({ kind: "delete_chunk", id }));
      if (await this.#cache.takeChunks(moved)) this.#ledger?.follow(deletions);
      else await this.#apply(deletions);
    });
  }

  /** The ids of {@link listChunks}. */
  async chunkIds(): Promise<readonly ChunkId[]> {
    return Array.from((await this.#chunks()).all(), ({ id }) => id);
  }

  /** The least recently used first. */
  blockIds(): Promise<readonly BlockId[]> {
    return this.#database.blockIds();
  }

  /** Empties the block cache. */
  clearBlockCache(): Promise<void> {
    return this.#cache.clear();
  }

  // --- Prevent-sync pattern

  getPreventSyncPattern(): Promise<StoredPattern> {
    return this.#database.pattern();
  }

  /** Stores the pattern if it is another one. Gives whether the stored one is fully applied. */
  async setPreventSyncPattern(pattern: string): Promise<boolean> {
    let fullyApplied = false;
    await this.#write(async () => {
      const known = await this.#database.pattern();
      if (known.pattern !== pattern) return [{ kind: "put_pattern", pattern: { pattern, fullyApplied: false } }];
      fullyApplied = known.fullyApplied;
      return [];
    });
    return fullyApplied;
  }

  /** @throws PatternMismatchError when another pattern is stored */
  markPreventSyncPatternFullyApplied(pattern: string): Promise<void> {
    return this.#write(async () => {
      const known = await this.#database.pattern();
      if (known.pattern !== pattern) throw new PatternMismatchError();
      return [{ kind: "put_pattern", pattern: { pattern, fullyApplied: true } }];
    });
  }

  /** Writes what is left of the access times and closes. @internal */
  async close(): Promise<void> {
    await this.#writing.run(async () => {
      try {
        await this.#cache.flush();
      } finally {
        await this.#database.close();
      }
    });
  }

  async #chunkWrites(chunks: Iterable<NewChunk>): Promise<WorkspaceWrite[]> {
    return Promise.all(
      Array.from(chunks, async ({ id, data }): Promise<WorkspaceWrite> => {
        requireBytes("data", data);
        return { kind: "put_chunk", chunk: { id, data: await sealContent(this.#key, data) } };
      }),
    );
  }

  /** One read-modify-write at a time: `plan` reads, and says what to write. */
  async #write(plan: () => Promise<readonly WorkspaceWrite[]>): Promise<void> {
    await this.#writing.run(async () => {
      const writes = await plan();
      if (writes.length > 0) await this.#apply(writes);
    });
  }

  async #apply(writes: readonly WorkspaceWrite[]): Promise<void> {
    try {
      await this.#cache.makingRoom(() => this.#database.apply(writes));
      this.#ledger?.follow(writes);
    } catch (error) {
      // It is read again: a failure at the very end may have stored them all the same.
      this.#ledger = undefined;
      throw error;
    }
  }

  /** Read when it is first asked for. */
  async #chunks(): Promise<ChunkLedger> {
    return (
      this.#ledger ??
      this.#writing.run(async () => {
        this.#ledger ??= new ChunkLedger(await this.#database.chunkInfos());
        return this.#ledger;
      })
    );
  }
}

function clearInfo(info: ChunkInfo): ChunkInfo {
  return { ...info, size: clearSize(info.size) };
}

function vlobWrite(manifest: WorkspaceManifest, blob: Uint8Array, remoteVersion: number): WorkspaceWrite {
  const { base, needSync } = manifest;
  const row: VlobRow = { id: base.id, baseVersion: base.version, remoteVersion, needSync, blob };
  return { kind: "put_vlob", row };
}
