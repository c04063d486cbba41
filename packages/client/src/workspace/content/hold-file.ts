import type { LocalFileManifest, VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { chunksOf } from "../file/slot.ts";
import { isFile, type ManifestOptions } from "../manifests.ts";
import type { ChunkHold } from "./chunk-pins.ts";

/** A file as it was at one moment: its content stays as long as it is held. */
export interface HeldFile {
  readonly file: LocalFileManifest;
  readonly hold: ChunkHold;
}

/** Holds the content of a file if `file` still is what this device knows of the entry; else `undefined`. */
export function holdIfCurrent(context: WorkspaceContext, file: LocalFileManifest): ChunkHold | undefined {
  return context.manifests.peek(file.base.id) === file ? context.pins.hold(chunksOf(file)) : undefined;
}

/**
 * The file as it is now, held. `undefined` when the entry is a folder.
 * @throws WorkspaceError ENTRY_NOT_FOUND, and what fetching throws
 */
export async function holdFile(
  context: WorkspaceContext,
  id: VlobId,
  options: ManifestOptions = {},
): Promise<HeldFile | undefined> {
  // What was written through a handle is part of the file.
  await context.openFiles.flush(id);
  for (;;) {
    const file = await context.manifests.get(id, options);
    if (!isFile(file)) return undefined;
    const hold = holdIfCurrent(context, file);
    if (hold !== undefined) return { file, hold };
    // It is just being changed. What was stored before this moment is in memory after it.
    await context.pins.settled(chunksOf(file));
  }
}
