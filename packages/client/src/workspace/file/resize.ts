import type { ChunkId, DateTime, LocalFileManifest } from "@parsec/types";
import { checkLength } from "../content/limits.ts";
import { idsGone, type Slot } from "./slot.ts";

export interface Resized {
  readonly manifest: LocalFileManifest;
  /** Chunks that no view uses any more. */
  readonly removed: readonly ChunkId[];
}

/**
 * Cuts the file at `length`, or grows it with zeros that are not stored (spec 11 §6.5). A file that has that length
 * already stays as it is, `updated` included.
 * @throws WorkspaceError FILE_TOO_LARGE
 */
export function resize(
  manifest: LocalFileManifest,
  length: number,
  time: DateTime,
  options: { readonly isChecked?: boolean } = {},
): Resized {
  if (length === manifest.size) return { manifest, removed: [] };
  if (length > manifest.size && options.isChecked !== true) checkLength(manifest, length);
  const resized = { ...manifest, size: length, needSync: true, updated: time };
  if (length > manifest.size) return { manifest: resized, removed: [] };
  const cut = Math.floor(length / manifest.blocksize);
  const dropped = manifest.blocks.slice(cut).flat();
  const last = cutSlot(manifest.blocks[cut] ?? [], length);
  const slots = withoutEmptyEnd([...manifest.blocks.slice(0, cut), last]);
  return { manifest: { ...resized, blocks: slots }, removed: idsGone(dropped, last) };
}

function cutSlot(slot: Slot, length: number): Slot {
  return slot.filter((view) => view.start < length).map((view) => ({ ...view, stop: Math.min(view.stop, length) }));
}

function withoutEmptyEnd(slots: readonly Slot[]): readonly Slot[] {
  return slots.slice(0, slots.findLastIndex((slot) => slot.length > 0) + 1);
}
