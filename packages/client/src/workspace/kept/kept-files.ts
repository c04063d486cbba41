import type { WorkspaceStore } from "@parsec/storage";
import { ChunkId, VlobId } from "@parsec/types";

const nothing = new Uint8Array();

/**
 * Which files are kept on this device, whatever becomes of the block cache: their content stays in the storage as chunks
 * that were sent, which nothing evicts. Each has a mark there: an empty chunk under the id of the entry, as no content has.
 */
export class KeptFiles {
  readonly #store: WorkspaceStore;

  constructor(store: WorkspaceStore) {
    this.#store = store;
  }

  async has(id: VlobId): Promise<boolean> {
    const info = await this.#store.getChunkInfo(markOf(id));
    return info?.size === 0 && info.sent;
  }

  async all(): Promise<readonly VlobId[]> {
    const marks = (await this.#store.listChunks()).filter(({ size, sent }) => size === 0 && sent);
    return marks.flatMap(({ id }) => VlobId.parse(id) ?? []);
  }

  async add(id: VlobId): Promise<void> {
    await this.#store.setChunk(markOf(id), nothing);
    await this.#store.markChunksSent([markOf(id)]);
  }

  async remove(ids: Iterable<VlobId>): Promise<void> {
    await this.#store.removeChunks(Array.from(ids, markOf));
  }
}

/** Under which chunk the mark of an entry is. */
export function markOf(id: VlobId): ChunkId {
  const mark = ChunkId.parse(id);
  if (mark === undefined) throw new TypeError("An id of an entry is one of a chunk, too");
  return mark;
}
