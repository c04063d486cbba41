import type { WorkspaceStore } from "@parsec/storage";
import { ChunkId, type LocalFileManifest, VlobId } from "@parsec/types";
import type { ChunkHold, ChunkPins } from "../content/chunk-pins.ts";
import { chunksOf } from "../file/slot.ts";
import { isFile } from "../manifests.ts";
import type { TreeChanges } from "../tree/draft.ts";

const nothing = new Uint8Array();

/**
 * Which files are kept on this device, whatever becomes of the block cache: their content stays in the storage as chunks
 * that were sent, which nothing evicts. Each has a mark there: an empty chunk under the id of the entry, as no content has.
 *
 * Copies name the same chunks. So each kept file is one of the users of its content, and none takes another's away.
 */
export class KeptFiles {
  readonly #store: WorkspaceStore;
  readonly #pins: Pick<ChunkPins, "holdNew">;
  readonly #holds = new Map<VlobId, ChunkHold>();

  constructor(store: WorkspaceStore, pins: Pick<ChunkPins, "holdNew">) {
    this.#store = store;
    this.#pins = pins;
  }

  /** Told of every change of the tree, as soon as it is stored. */
  stored({ manifests, deletedManifests }: Pick<TreeChanges, "manifests" | "deletedManifests">): void {
    if (this.#holds.size === 0) return;
    for (const id of deletedManifests) this.letGo(id);
    for (const manifest of manifests) {
      if (!this.#holds.has(manifest.base.id)) continue;
      if (isFile(manifest)) this.hold(manifest);
      else this.letGo(manifest.base.id);
    }
  }

  /** Uses the content of a kept file, as that is now. */
  hold(file: LocalFileManifest): void {
    const { id } = file.base;
    const before = this.#holds.get(id);
    const hold = this.#pins.holdNew();
    hold.add([markOf(id), ...chunksOf(file)]);
    this.#holds.set(id, hold);
    before?.release();
  }

  /** The content of an entry is not used any more, as far as it is kept. */
  letGo(id: VlobId): void {
    this.#holds.get(id)?.release();
    this.#holds.delete(id);
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
    const removed = [...ids];
    await this.#store.removeChunks(removed.map(markOf));
    for (const id of removed) this.letGo(id);
  }
}

/** Under which chunk the mark of an entry is. */
export function markOf(id: VlobId): ChunkId {
  const mark = ChunkId.parse(id);
  if (mark === undefined) throw new TypeError("An id of an entry is one of a chunk, too");
  return mark;
}
