import { type Clock, hasCode } from "@parsec/base";
import type { SecretKey } from "@parsec/crypto";
import { BlockId, type ChunkId } from "@parsec/types";
import type { BlockRow, BlockWrite, WorkspaceDatabase } from "../driver/port.ts";
import { StorageError } from "../errors.ts";
import { openContent, sealContent } from "./sealed.ts";

/** The cache limit counts blocks of this typical size, whatever their real one (spec 12 §4). */
const typicalBlockSize = 524_288;
/** More touched blocks than this are written down at once. */
const maxPendingTouches = 256;

/**
 * Blocks that the server has too, the least recently used ones evicted (spec 12 §4). It is disposable: a block that is
 * damaged is as good as absent, and what cannot be stored is not missed. Puts that come while a transaction runs share
 * the next one. Access times are written with the next put, or at close: a crash may lose them.
 */
export class BlockCache {
  readonly #database: WorkspaceDatabase;
  readonly #key: SecretKey;
  readonly #clock: Clock;
  readonly #eviction: BlockWrite;
  readonly #touched = new Map<BlockId, number>();
  #waiting: BlockRow[] = [];
  #nextFlush: Promise<void> | undefined;
  #running: Promise<unknown> = Promise.resolve();

  /** `size` in bytes. */
  constructor(database: WorkspaceDatabase, key: SecretKey, clock: Clock, size: number) {
    this.#database = database;
    this.#key = key;
    this.#clock = clock;
    const max = Math.floor(size / typicalBlockSize);
    this.#eviction = { kind: "evict_blocks", max, slack: Math.floor(max / 10) };
  }

  /** `undefined` for what cannot be read, which is then forgotten. */
  async get(id: BlockId): Promise<Uint8Array | undefined> {
    try {
      const stored = await this.#database.block(id);
      if (stored === undefined) return undefined;
      const data = await openContent(`block ${BlockId.display(id)}`, this.#key, stored);
      this.#touched.set(id, this.#clock.now());
      if (this.#touched.size > maxPendingTouches) this.#flushSoon().catch(() => undefined);
      return data;
    } catch (error) {
      if (!isDisposable(error)) throw error;
      if (hasCode(error, "STORAGE_CORRUPTED")) await this.#drop(id);
      return undefined;
    }
  }

  /** Resolves when the block is stored, or cannot be; it may be evicted at once when the cache is very small. */
  async put(id: BlockId, data: Uint8Array): Promise<void> {
    const sealed = await sealContent(this.#key, data);
    this.#waiting.push({ id, data: sealed, accessedOn: this.#clock.now() });
    await this.#flushSoon();
  }

  /**
   * Moves the ciphertext of chunks here, as it is. False when the cache does not take them: then all are still chunks.
   * @throws StorageError STORAGE_CLOSED
   */
  async takeChunks(ids: readonly ChunkId[]): Promise<boolean> {
    const now = this.#clock.now();
    const after = [...this.#takeTouches(), this.#eviction];
    return this.#tolerating(() => this.makingRoom(() => this.#database.moveChunksToBlocks(ids, now, after)));
  }

  /** Runs a write of something else; when space runs out, empties the cache and runs it once more. */
  async makingRoom<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (!hasCode(error, "STORAGE_FULL")) throw error;
      await this.#tolerating(() => this.clear());
      return write();
    }
  }

  async clear(): Promise<void> {
    this.#touched.clear();
    await this.#database.applyToCache([{ kind: "delete_all_blocks" }]);
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    if (this.#touched.size > 0 || this.#waiting.length > 0) await this.#flushSoon();
    await this.#running;
  }

  /** Everything that waits now is stored once this resolves; callers share one transaction. */
  #flushSoon(): Promise<void> {
    this.#nextFlush ??= this.#running.then(() => this.#flushWaiting());
    return this.#nextFlush;
  }

  async #flushWaiting(): Promise<void> {
    this.#nextFlush = undefined;
    const blocks = this.#waiting;
    this.#waiting = [];
    const puts = blocks.map((block): BlockWrite => ({ kind: "put_block", block }));
    const writes = [...this.#takeTouches(), ...puts, this.#eviction];
    const work = this.#tolerating(() => this.makingRoom(() => this.#database.applyToCache(writes)));
    this.#running = work.catch(() => undefined);
    await work;
  }

  async #drop(id: BlockId): Promise<void> {
    this.#touched.delete(id);
    await this.#tolerating(() => this.#database.applyToCache([{ kind: "delete_block", id }]));
  }

  /** Runs a write to the cache; false when it failed. */
  async #tolerating(write: () => Promise<void>): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (error) {
      if (!isDisposable(error)) throw error;
      return false;
    }
  }

  #takeTouches(): BlockWrite[] {
    const touches = [...this.#touched].map(([id, accessedOn]): BlockWrite => ({ kind: "touch_block", id, accessedOn }));
    this.#touched.clear();
    return touches;
  }
}

/** A failure of the cache alone: not that the storage is closed, nor a fault of our own. */
function isDisposable(error: unknown): boolean {
  return error instanceof StorageError && error.code !== "STORAGE_CLOSED";
}
