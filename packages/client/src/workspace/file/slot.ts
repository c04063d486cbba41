import type { ChunkId, ChunkView } from "@parsec/types";

/** The views of one range `[i * blocksize, (i + 1) * blocksize)` of a file, in order, with gaps that read as zeros. */
export type Slot = readonly ChunkView[];

/** The distinct ids of `before` that `after` does not use. */
export function idsGone(before: Slot, after: Slot): ChunkId[] {
  const kept = new Set(after.map((view) => view.id));
  return [...new Set(before.map((view) => view.id))].filter((id) => !kept.has(id));
}
