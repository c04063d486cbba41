import { type Clock, Mutex } from "@parsec/base";
import type { SecretKey } from "@parsec/crypto";
import { type BlockId, blockIdOfChunk, ChunkId, sealLocalManifest, type VlobId } from "@parsec/types";
import type { OutboundBacklog, StoredPattern, VlobRow, WorkspaceDatabase, WorkspaceWrite } from "../driver/port.ts";
import { PatternMismatchError } from "../errors.ts";
import { BlockCache } from "./block-cache.ts";
import { openWorkspaceManifest, type WorkspaceManifest } from "./manifest.ts";
import { openContent, sealContent } from "./sealed.ts";

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

  getOutboundBacklog(): Promise<OutboundBacklog> {
    return this.#database.outboundBacklog();
  }

  // --- Manifests

  async getManifest(id: VlobId): Promise<WorkspaceManifest | undefined> {
    const row = await this.#database.vlob(id);
    return row === undefined ? undefined : this.#openManifest(row);
  }

  /** A page of all manifests. The order holds as long as none is inserted. */
  async listManifests(offset: number, limit: number): Promise<readonly WorkspaceManifest[]> {
    const rows = await this.#database.vlobs(offset, limit);
    return rows.map((row) => this.#openManifest(row));
  }

  #openManifest({ id, blob }: VlobRow): WorkspaceManifest {
    return openWorkspaceManifest(this.#key, this.#realmId, id, blob);
  }

  /** Stores the manifest if none is known under its id, and says whether it did. */
  async populateManifest(manifest: WorkspaceManifest): Promise<"stored" | "already_present"> {
    let outcome: "stored" | "already_present" = "stored";
    const blob = sealLocalManifest(this.#key, manifest);
    await this.#write(async () => {
      const known = await this.#database.remoteVersion(manifest.base.id);
      if (known === undefined) return [vlobWrite(manifest, blob, manifest.base.version)];
      outcome = "already_present";
      return [];
    });
    return outcome;
  }

  /** Stores all of them, or none. The remote version of each never goes back. */
  updateManifests(manifests: readonly WorkspaceManifest[]): Promise<void> {
    return this.#updateManifests(manifests, []);
  }

  /**
   * Stores the manifest with its new chunks, and deletes those that it no longer needs. An id in both lists ends
   * deleted; a removed id that is unknown is passed over.
   */
  async updateManifestAndChunks(
    manifest: WorkspaceManifest,
    newChunks: readonly NewChunk[],
    removedChunks: Iterable<ChunkId>,
  ): Promise<void> {
    const puts = await Promise.all(newChunks.map((chunk) => this.#chunkWrite(chunk)));
    const deletions = [...removedChunks].map((id): WorkspaceWrite => ({ kind: "delete_chunk", id }));
    await this.#updateManifests([manifest], [...puts, ...deletions]);
  }

  async #updateManifests(manifests: readonly WorkspaceManifest[], then: readonly WorkspaceWrite[]): Promise<void> {
    const sealed = manifests.map((manifest) => ({ manifest, blob: sealLocalManifest(this.#key, manifest) }));
    await this.#write(async () => {
      const puts: WorkspaceWrite[] = [];
      for (const { manifest, blob } of sealed) {
        const known = await this.#database.remoteVersion(manifest.base.id);
        puts.push(vlobWrite(manifest, blob, Math.max(known ?? 0, manifest.base.version)));
      }
      return [...puts, ...then];
    });
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

  /** All of them in one transaction. */
  async setChunks(chunks: readonly NewChunk[]): Promise<void> {
    const puts = await Promise.all(chunks.map((chunk) => this.#chunkWrite(chunk)));
    await this.#write(async () => puts);
  }

  /** Deletes chunks; ids that are unknown are passed over. */
  removeChunks(ids: Iterable<ChunkId>): Promise<void> {
    const deletions = [...ids].map((id): WorkspaceWrite => ({ kind: "delete_chunk", id }));
    return this.#write(async () => deletions);
  }

  /** A block of the cache; marks it as used now. */
  getBlock(id: BlockId): Promise<Uint8Array | undefined> {
    return this.#cache.get(id);
  }

  /** Caches a block that the server has, then evicts the least recently used ones over the limit. */
  setBlock(id: BlockId, data: Uint8Array): Promise<void> {
    return this.#cache.put(id, data);
  }

  /** Looks among the chunks first. */
  async getChunkOrBlock(id: ChunkId): Promise<Uint8Array | undefined> {
    return (await this.getChunk(id)) ?? (await this.getBlock(blockIdOfChunk(id)));
  }

  /** Call it once the server has the block. Does nothing when there is no such chunk. */
  async promoteChunkToBlock(id: ChunkId): Promise<void> {
    await this.#writing.run(() => this.#cache.takeChunk(id));
  }

  chunkIds(): Promise<readonly ChunkId[]> {
    return this.#database.chunkIds();
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

  async #chunkWrite({ id, data }: NewChunk): Promise<WorkspaceWrite> {
    return { kind: "put_chunk", chunk: { id, data: await sealContent(this.#key, data) } };
  }

  /** One read-modify-write at a time: `plan` reads, and says what to write. */
  async #write(plan: () => Promise<readonly WorkspaceWrite[]>): Promise<void> {
    await this.#writing.run(async () => {
      const writes = await plan();
      if (writes.length === 0) return;
      await this.#cache.makingRoom(() => this.#database.apply(writes));
    });
  }
}

function vlobWrite(manifest: WorkspaceManifest, blob: Uint8Array, remoteVersion: number): WorkspaceWrite {
  const { base, needSync } = manifest;
  const row: VlobRow = { id: base.id, baseVersion: base.version, remoteVersion, needSync, blob };
  return { kind: "put_vlob", row };
}
