import { type Clock, hasCode } from "@parsec/base";
import type { SecretKey } from "@parsec/crypto";
import { type BlockId, BlockId as BlockIds, type ChunkId } from "@parsec/types";
import type { BlockRow, BlockWrite, WorkspaceDatabase } from "../driver/port.ts";
import { openContent, sealContent } from "./sealed.ts";

/** The cache limit counts blocks of this typical size, whatever their real one (spec 12 §4). */
const typicalBlockSize = 524_288;
/** More touched blocks than this are written down at once. */
const maxPendingTouches = 256;

/**
 * Blocks that the server has too, the least recently used ones evicted (spec 12 §4). Puts that come while a transaction
 * runs share the next one. Access times are written with the next put, or at close: a crash may lose them.
 */
export class BlockCache {
  readonly #database: WorkspaceDatabase;
  readonly #key: SecretKey;
  readonly #clock: Clock;
  readonly #eviction: BlockWrite;
  readonly #touched = new Map<BlockId, number>();
  #waiting: BlockRow[] = [];
  #nextFlush: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();

  /** `size` in bytes. */
  constructor(database: WorkspaceDatabase, key: SecretKey, clock: Clock, size: number) {
    this.#database = database;
    this.#key = key;
    this.#clock = clock;
    const max = Math.floor(size / typicalBlockSize);
    this.#eviction = { kind: "evict_blocks", max, slack: Math.floor(max / 10) };
  }

  async get(id: BlockId): Promise<Uint8Array | undefined> {
    const stored = await this.#database.block(id);
    if (stored === undefined) return undefined;
    this.#touched.set(id, this.#clock.now());
    if (this.#touched.size > maxPendingTouches) await this.#flushSoon();
    return openContent(`block ${BlockIds.display(id)}`, this.#key, stored);
  }

  /** Resolves when the block is stored; it may be evicted at once when the cache is very small. */
  async put(id: BlockId, data: Uint8Array): Promise<void> {
    const sealed = await sealContent(this.#key, data);
    this.#waiting.push({ id, data: sealed, accessedOn: this.#clock.now() });
    await this.#flushSoon();
  }

  /** Moves the ciphertext of a chunk here, as it is; false when there is no such chunk. */
  async takeChunk(id: ChunkId): Promise<boolean> {
    const now = this.#clock.now();
    const after = [...this.#takeTouches(), this.#eviction];
    return this.makingRoom(() => this.#database.moveChunkToBlock(id, now, after));
  }

  /** Runs a write; when space runs out, empties the cache and runs it once more. */
  async makingRoom<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (error) {
      if (!hasCode(error, "STORAGE_FULL")) throw error;
      await this.clear();
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
    const work = this.makingRoom(() => this.#database.applyToCache(writes));
    this.#running = work.catch(() => undefined);
    await work;
  }

  #takeTouches(): BlockWrite[] {
    const touches = [...this.#touched].map(([id, accessedOn]): BlockWrite => ({ kind: "touch_block", id, accessedOn }));
    this.#touched.clear();
    return touches;
  }
}
