import type { WorkspaceManifest } from "@parsec/storage";
import type { ChunkId, ChunkView } from "@parsec/types";

/** The views of one range `[i * blocksize, (i + 1) * blocksize)` of a file, in order, with gaps that read as zeros. */
export type Slot = readonly ChunkView[];

/** The distinct ids of `before` that `after` does not use. */
export function idsGone(before: Slot, after: Slot): ChunkId[] {
  const kept = new Set(after.map((view) => view.id));
  return [...new Set(before.map((view) => view.id))].filter((id) => !kept.has(id));
}

/** The chunks that a manifest names. */
export function chunksOf(manifest: WorkspaceManifest): ChunkId[] {
  return manifest.type === "local_file_manifest" ? manifest.blocks.flatMap((slot) => slot.map((view) => view.id)) : [];
}
