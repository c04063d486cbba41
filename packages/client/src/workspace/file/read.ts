import type { ChunkView, LocalFileManifest } from "@parsec/types";

/** A part of a read: the bytes `[start, stop)` of the file come from this view's data. */
export interface ReadPart {
  readonly view: ChunkView;
  readonly start: number;
  readonly stop: number;
}

export interface ReadPlan {
  /** Where the read begins, clipped to the file. */
  readonly offset: number;
  /** How many bytes it gives, clipped to the file. */
  readonly size: number;
  /** What to fetch, in order. All that lies between reads as zeros. */
  readonly parts: readonly ReadPart[];
}

/** Which data a read of `size` bytes at `offset` needs (spec 11 §6.3). */
export function planRead(manifest: LocalFileManifest, offset: number, size: number): ReadPlan {
  const from = Math.min(offset, manifest.size);
  const end = from + Math.min(size, manifest.size - from);
  if (end === from) return { offset: from, size: 0, parts: [] };
  const first = Math.floor(from / manifest.blocksize);
  const last = Math.floor((end - 1) / manifest.blocksize);
  const parts = manifest.blocks
    .slice(first, last + 1)
    .flat()
    .map((view) => ({ view, start: Math.max(view.start, from), stop: Math.min(view.stop, end) }))
    .filter(({ start, stop }) => start < stop);
  return { offset: from, size: end - from, parts };
}

/** Copies what a part needs out of the whole data of its chunk. */
export function copyPart({ view, start, stop }: ReadPart, data: Uint8Array, target: Uint8Array, offset: number): void {
  target.set(data.subarray(start - view.rawOffset, stop - view.rawOffset), start - offset);
}
