import type { ChunkId } from "@parsec/types";
import type { ChunkInfo, WorkspaceWrite } from "../driver/port.ts";

/** What is known of every chunk of a workspace, kept in step with what is written. */
export class ChunkLedger {
  readonly #chunks = new Map<ChunkId, ChunkInfo>();
  #unsentSize = 0;

  constructor(chunks: Iterable<ChunkInfo>) {
    for (const chunk of chunks) this.#put(chunk);
  }

  /** Stored bytes of the chunks that are not sent. */
  get unsentSize(): number {
    return this.#unsentSize;
  }

  get(id: ChunkId): ChunkInfo | undefined {
    return this.#chunks.get(id);
  }

  all(): IterableIterator<ChunkInfo> {
    return this.#chunks.values();
  }

  /** Writes that were stored, in their order. */
  follow(writes: readonly WorkspaceWrite[]): void {
    for (const write of writes) {
      switch (write.kind) {
        case "put_chunk":
          this.#put({ id: write.chunk.id, size: write.chunk.data.length, sent: false });
          break;
        case "mark_chunk_sent": {
          const chunk = this.#chunks.get(write.id);
          if (chunk !== undefined) this.#put({ ...chunk, sent: true });
          break;
        }
        case "delete_chunk":
          this.delete(write.id);
          break;
      }
    }
  }

  delete(id: ChunkId): void {
    const known = this.#chunks.get(id);
    if (known === undefined) return;
    if (!known.sent) this.#unsentSize -= known.size;
    this.#chunks.delete(id);
  }

  #put(chunk: ChunkInfo): void {
    this.delete(chunk.id);
    this.#chunks.set(chunk.id, chunk);
    if (!chunk.sent) this.#unsentSize += chunk.size;
  }
}
