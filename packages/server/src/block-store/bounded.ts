import { type Clock, joinSignals, orAbort, Semaphore } from "@parsec/base";
import type { OrganizationId } from "@parsec/types";
import { collectBlock } from "./content.ts";
import {
  type BlockContent,
  type BlockKey,
  type BlockOptions,
  type BlockStore,
  BlockStoreError,
  type ListedBlock,
} from "./port.ts";

/** Blocks that are read or written at once: the others wait, so that memory stays bounded. */
const concurrency = 32;

/** Milliseconds that one operation may take: who asks for a block waits no longer for a store that does not answer. */
const deadlineMs = 60_000;

/** A block store as a server uses it: never too much at once, and never without end. */
export class BoundedBlockStore implements BlockStore {
  readonly #inner: BlockStore;
  readonly #clock: Clock;
  readonly #turns = new Semaphore(concurrency);

  constructor(inner: BlockStore, clock: Clock) {
    this.#inner = inner;
    this.#clock = clock;
  }

  get keying(): BlockStore["keying"] {
    return this.#inner.keying;
  }

  async put(key: BlockKey, block: Uint8Array, options?: BlockOptions): Promise<void> {
    await this.#inTime(options, (inTime) => this.#inner.put(key, block, inTime));
  }

  /** In one part: a reader that is slow to take the bytes keeps nobody waiting. */
  async *get(key: BlockKey, content: BlockContent, options?: BlockOptions): AsyncIterable<Uint8Array> {
    yield await this.#inTime(options, (inTime) => collectBlock(this.#inner.get(key, content, inTime), content.size));
  }

  async has(key: BlockKey, options?: BlockOptions): Promise<boolean> {
    return await this.#inTime(options, (inTime) => this.#inner.has(key, inTime));
  }

  async delete(key: ListedBlock, options?: BlockOptions): Promise<void> {
    await this.#inTime(options, (inTime) => this.#inner.delete(key, inTime));
  }

  list(organizationId: OrganizationId, options?: BlockOptions): AsyncIterable<ListedBlock> {
    return this.#inner.list(organizationId, options);
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }

  /** When its turn has come. */
  async #inTime<T>(options: BlockOptions | undefined, run: (options: BlockOptions) => Promise<T>): Promise<T> {
    return await this.#turns.run(async () => {
      const joined = joinSignals(options?.signal);
      const late = () =>
        joined.abort(new BlockStoreError("BLOCK_STORE_FAILED", "The block store has not answered in time"));
      const timer = this.#clock.timer(deadlineMs, late);
      try {
        return await orAbort(run({ signal: joined.signal }), joined.signal);
      } finally {
        timer.cancel();
        joined.release();
      }
    }, options);
  }
}
