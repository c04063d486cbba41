import { blockIdOfChunk, type ChunkView } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { fetchBlock } from "../remote/fetch-block.ts";

/**
 * The whole data of the chunk that a view looks at: from this device, else from the server, and then kept in the block
 * cache (spec 11 §3.2).
 * @throws WorkspaceError CHUNK_NOT_FOUND, BLOCKSTORE_UNAVAILABLE; InvalidBlockError; ClientError
 */
export async function chunkData(
  context: WorkspaceContext,
  view: ChunkView,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Uint8Array> {
  const local = await context.store.getChunkOrBlock(view.id);
  if (local !== undefined) return local;
  if (view.access === null) {
    throw new WorkspaceError("CHUNK_NOT_FOUND", "This content was never uploaded, and is no longer on this device");
  }
  const data = await fetchBlock(context, view.access, options);
  await context.store.setBlock(blockIdOfChunk(view.id), data);
  return data;
}
