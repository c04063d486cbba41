import type { NewChunk, WorkspaceStore } from "@parsec/storage";

/**
 * Stores the content of many small files: what comes while a transaction runs shares the next one, since most of the
 * cost of a transaction is that it is one. When it fails, all who share it are told.
 */
export class ChunkWriter {
  readonly #store: Pick<WorkspaceStore, "setChunks">;
  #waiting: NewChunk[] = [];
  #next: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(store: Pick<WorkspaceStore, "setChunks">) {
    this.#store = store;
  }

  /** Resolves once they are stored. */
  async write(chunks: readonly NewChunk[]): Promise<void> {
    if (chunks.length === 0) return;
    for (const chunk of chunks) this.#waiting.push(chunk);
    this.#next ??= this.#running.then(() => this.#writeWaiting());
    await this.#next;
  }

  async #writeWaiting(): Promise<void> {
    const chunks = this.#waiting;
    this.#waiting = [];
    this.#next = undefined;
    const work = this.#store.setChunks(chunks);
    this.#running = work.catch(() => undefined);
    await work;
  }
}
