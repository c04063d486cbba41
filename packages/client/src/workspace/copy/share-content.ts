import {
  type ChunkId,
  type ChunkView,
  isBlock,
  type LocalFileManifest,
  newChunkView,
  promoteAsBlock,
} from "@parsec/types";
import { contentLost, localChunk } from "../content/chunk-data.ts";
import type { ChunkHold } from "../content/chunk-pins.ts";
import type { WorkspaceContext } from "../context.ts";
import type { Slot } from "../file/slot.ts";

/** Content for another file. */
export interface SharedContent {
  readonly slots: readonly Slot[];
  /** Chunks that were stored for it. */
  readonly stored: readonly ChunkId[];
}

/**
 * The content of a file, for another file of the workspace. What the server has is named by both; of what this device
 * alone has, the other one gets its own, since only one manifest may name that. `hold` is on the content of `file`, and
 * comes to be on the new one. On failure nothing stays.
 * @throws WorkspaceError CHUNK_NOT_FOUND when something of it is lost
 */
export async function shareContent(
  context: WorkspaceContext,
  file: LocalFileManifest,
  hold: ChunkHold,
): Promise<SharedContent> {
  const uploaded = new Set<string>(file.base.blocks.map(({ id }) => id));
  const isUploaded = ({ id }: ChunkView) => uploaded.has(id);
  const copies = new Map<ChunkId, ChunkId>();
  try {
    const slots: Slot[] = [];
    for (const slot of file.blocks) {
      const views: ChunkView[] = [];
      for (const view of slot) views.push(await shareView(context, file, isUploaded, view, hold, copies));
      slots.push(views);
    }
    for (const { id } of slots.flat()) if (uploaded.has(id)) context.sentChunks.addProved(id);
    return { slots, stored: [...copies.values()] };
  } catch (error) {
    context.pins.letGo(copies.values(), "delete");
    throw error;
  }
}

async function shareView(
  context: WorkspaceContext,
  file: LocalFileManifest,
  isUploaded: (view: ChunkView) => boolean,
  view: ChunkView,
  hold: ChunkHold,
  copies: Map<ChunkId, ChunkId>,
): Promise<ChunkView> {
  let id = copies.get(view.id);
  if (id === undefined) {
    // What is no chunk of this device is a block of the server; of a file that is kept here, it may be both.
    const info = await context.store.getChunkInfo(view.id);
    if (info === undefined || (info.sent && isUploaded(view))) return view;
    id = await copyChunk(context, file, view, hold);
    copies.set(view.id, id);
  }
  if (!isBlock(view)) return { ...view, id, access: null };
  return promoteAsBlock({ ...newChunkView(view.start, view.stop), id }, view.access.digest);
}

async function copyChunk(
  context: WorkspaceContext,
  file: LocalFileManifest,
  view: ChunkView,
  hold: ChunkHold,
): Promise<ChunkId> {
  const { data, damage } = await localChunk(context, view.id);
  if (data === undefined) throw contentLost({ entryId: file.base.id }, damage);
  const { id } = newChunkView(view.start, view.stop);
  hold.add([id]);
  await context.store.setChunks([{ id, data }]);
  return id;
}
