import { ChunkId, type ChunkView, type DateTime, type LocalFileManifest, maxSlots } from "@parsec/types";
import { resize } from "./resize.ts";
import { idsGone, type Slot } from "./slot.ts";
import { writeAt } from "./write.ts";

/** What is laid on the content of a file. */
export interface Layer {
  /** What lies beneath counts up to here. */
  readonly cut: number;
  /** Pieces that do not overlap. */
  readonly extents: readonly { readonly start: number; readonly data: Uint8Array }[];
  /** How long the file becomes, when it is `size` bytes long now. */
  sizeOn(size: number): number;
  readonly updated: DateTime;
}

/** A file with new content, and what to store with it. */
export interface LaidOver {
  readonly manifest: LocalFileManifest;
  /** The content of the new chunks. */
  readonly chunks: ReadonlyMap<ChunkId, Uint8Array>;
  /** The slots that changed, in no order. */
  readonly touched: ReadonlySet<number>;
}

/** The file with a layer on it: what was written, where it was cut, and how long it is. */
export function layOver(file: LocalFileManifest, layer: Layer): LaidOver {
  const { cut, extents, updated: time } = layer;
  const size = layer.sizeOn(file.size);
  const chunks = new Map<ChunkId, Uint8Array>();
  const touched = new Set<number>();
  let manifest = cut < file.size ? resize(file, cut, time).manifest : file;
  for (const { start, data } of extents) {
    const written = writeAt(manifest, { offset: start, size: data.length, time, isChecked: true });
    manifest = written.manifest;
    for (const chunk of written.newChunks) {
      chunks.set(chunk.id, data.subarray(chunk.start - start, chunk.stop - start));
      touched.add(Math.floor(chunk.start / file.blocksize));
    }
  }
  manifest = { ...resize(manifest, size, time, { isChecked: true }).manifest, needSync: true, updated: time };
  return { ...anchored(manifest, chunks), touched };
}

/** The chunks of `before` that `after` does not name. */
export function chunksGone(before: LocalFileManifest, after: LocalFileManifest): ChunkId[] {
  return idsGone(before.blocks.flat(), after.blocks.flat());
}

/** How many slots of a hole get an anchor together. */
const anchorDistance = 1024;
const zero = new Uint8Array(1);

/**
 * Other devices take no file that has far more slots than blocks, which would cost them memory and the sender nothing.
 * One whose content lies far behind a hole gets a zero byte here and there in the hole, that reads as before.
 */
function anchored(
  manifest: LocalFileManifest,
  chunks: ReadonlyMap<ChunkId, Uint8Array>,
): { readonly manifest: LocalFileManifest; readonly chunks: ReadonlyMap<ChunkId, Uint8Array> } {
  const { blocks, blocksize } = manifest;
  if (blocks.length <= maxSlots(0) || blocks.length <= maxSlots(usedSlots(blocks))) return { manifest, chunks };
  const slots: Slot[] = [...blocks];
  const all = new Map(chunks);
  for (let first = 0; first + anchorDistance < slots.length; first += anchorDistance) {
    if (slots.slice(first, first + anchorDistance).some((slot) => slot.length > 0)) continue;
    const anchor = anchorAt(first * blocksize);
    slots[first] = [anchor];
    all.set(anchor.id, zero);
  }
  return { manifest: { ...manifest, blocks: slots }, chunks: all };
}

function anchorAt(start: number): ChunkView {
  return { id: ChunkId.generate(), start, stop: start + 1, rawOffset: start, rawSize: 1, access: null };
}

export function usedSlots(slots: readonly Slot[]): number {
  return slots.reduce((count, slot) => (slot.length > 0 ? count + 1 : count), 0);
}
