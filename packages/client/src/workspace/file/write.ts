import { ChunkId, type ChunkView, type DateTime, type LocalFileManifest } from "@parsec/types";
import { checkLength } from "../content/limits.ts";
import { idsGone, type Slot } from "./slot.ts";

/** A piece of the written data: `data.subarray(start - offset, stop - offset)` is what to store under `id`. */
export interface NewChunk {
  readonly id: ChunkId;
  readonly start: number;
  readonly stop: number;
}

export interface Written {
  readonly manifest: LocalFileManifest;
  /** One for each touched slot, in slot order. */
  readonly newChunks: readonly NewChunk[];
  /** Chunks that no view uses any more. */
  readonly removed: readonly ChunkId[];
}

/**
 * Writes `size` bytes at `offset` (spec 11 §6.4). What lies between the end of the file and `offset` reads as zeros;
 * nothing is stored for it. An empty write changes nothing, the size of the file included.
 * @throws WorkspaceError FILE_TOO_LARGE
 */
export function writeAt(
  manifest: LocalFileManifest,
  write: { offset: number; size: number; time: DateTime; newId?: () => ChunkId; isChecked?: boolean },
): Written {
  const { offset, size, time, newId = ChunkId.generate } = write;
  if (size === 0) return { manifest, newChunks: [], removed: [] };
  const end = offset + size;
  // Who counts the blocks, and not the slots, has checked it.
  if (write.isChecked !== true) checkLength(manifest, end);
  const { blocksize } = manifest;
  const slots: Slot[] = [...manifest.blocks];
  const newChunks: NewChunk[] = [];
  const removed: ChunkId[] = [];
  const first = Math.floor(offset / blocksize);
  const last = Math.floor((end - 1) / blocksize);
  while (slots.length <= last) slots.push([]);
  for (let index = first; index <= last; index += 1) {
    const start = Math.max(offset, index * blocksize);
    const stop = Math.min(end, (index + 1) * blocksize);
    const chunk = { id: newId(), start, stop };
    const before = slots[index] ?? [];
    const after = overwrite(before, chunk);
    slots[index] = after;
    newChunks.push(chunk);
    for (const id of idsGone(before, after)) removed.push(id);
  }
  return {
    manifest: { ...manifest, blocks: slots, size: Math.max(manifest.size, end), needSync: true, updated: time },
    newChunks,
    removed,
  };
}

function overwrite(slot: Slot, { id, start, stop }: NewChunk): Slot {
  const heads = slot
    .filter((view) => view.start < start)
    .map((view) => ({ ...view, stop: Math.min(view.stop, start) }));
  const tails = slot.filter((view) => view.stop > stop).map((view) => ({ ...view, start: Math.max(view.start, stop) }));
  const written: ChunkView = { id, start, stop, rawOffset: start, rawSize: stop - start, access: null };
  return [...heads, written, ...tails];
}
