import type { ChunkId } from "@parsec/types";

/** In bytes: sixteen blocks of the default size (spec 11 §3). */
const limit = 8 * 1024 * 1024;

/**
 * The content of chunks that were read last, in clear: whoever reads a file in small steps opens each block once. A
 * chunk never changes, so what is here is never stale.
 */
export class BlockMemory {
  readonly #known = new Map<ChunkId, Uint8Array>();
  readonly #loading = new Map<ChunkId, Promise<Uint8Array>>();
  #bytes = 0;

  /** `load` is asked at most once at a time, and not at all for what is here. */
  get(id: ChunkId, load: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const known = this.#known.get(id);
    if (known !== undefined) {
      this.#known.delete(id);
      this.#known.set(id, known);
      return Promise.resolve(known);
    }
    return this.#loading.get(id) ?? this.#load(id, load);
  }

  clear(): void {
    this.#known.clear();
    this.#bytes = 0;
  }

  #load(id: ChunkId, load: () => Promise<Uint8Array>): Promise<Uint8Array> {
    const loading = load()
      .then((data) => {
        this.#add(id, data);
        return data;
      })
      .finally(() => this.#loading.delete(id));
    this.#loading.set(id, loading);
    return loading;
  }

  #add(id: ChunkId, data: Uint8Array): void {
    this.#known.set(id, data);
    this.#bytes += data.length;
    for (const [oldest, { length }] of this.#known) {
      // The last one stays, however large it is: it is read in small steps, too.
      if (this.#bytes <= limit || this.#known.size === 1) return;
      this.#known.delete(oldest);
      this.#bytes -= length;
    }
  }
}
