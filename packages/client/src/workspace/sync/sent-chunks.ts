import { KeyedMutex, Mutex } from "@parsec/base";
import type { WorkspaceStore } from "@parsec/storage";
import type { ChunkId } from "@parsec/types";

/** Blocks whose upload is written down together: a crash before that costs sending them once more. */
const batchSize = 4;

/**
 * What of this device's content the server has: recorded, never concluded from a chunk that is not there. A chunk stays,
 * marked, until the manifest that names it is acknowledged.
 */
export class SentChunks {
  readonly #store: WorkspaceStore;
  readonly #blocks = new KeyedMutex<ChunkId>();
  readonly #writing = new Mutex();
  /** On the server, and not yet written down. */
  readonly #unwritten = new Set<ChunkId>();
  /** Found on the server, though nothing here said so: of content that is no chunk any more. */
  readonly #proved = new Set<ChunkId>();

  constructor(store: WorkspaceStore) {
    this.#store = store;
  }

  /** Runs `task` while nobody else sends this block, whoever names it. */
  alone<T>(id: ChunkId, task: () => Promise<T>, options: { signal?: AbortSignal | undefined } = {}): Promise<T> {
    return this.#blocks.run(id, task, options);
  }

  async has(id: ChunkId): Promise<boolean> {
    if (this.#unwritten.has(id) || this.#proved.has(id)) return true;
    return (await this.#store.getChunkInfo(id))?.sent === true;
  }

  /** The server has accepted the block of this chunk. */
  async add(id: ChunkId): Promise<void> {
    this.#unwritten.add(id);
    if (this.#unwritten.size >= batchSize) await this.flush();
  }

  /** The server has this block, which is no chunk of this device: remembered while the workspace is open. */
  addProved(id: ChunkId): void {
    this.#proved.add(id);
  }

  /** Writes down what is not yet. */
  async flush(): Promise<void> {
    await this.#writing.run(async () => {
      const ids = [...this.#unwritten];
      if (ids.length === 0) return;
      await this.#store.markChunksSent(ids);
      for (const id of ids) this.#unwritten.delete(id);
    });
  }
}
