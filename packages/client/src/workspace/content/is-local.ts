import { blockIdOfChunk, type ChunkId, type FsPath } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { chunksOf } from "../file/slot.ts";
import { isFile, type ManifestOptions } from "../manifests.ts";
import { resolve } from "../tree/resolve.ts";

/**
 * Whether all content of a file is on this device, so that it can be read without the network (spec 11 §4.4). What is
 * not there reads as zeros, and needs no place.
 * @throws WorkspaceError ENTRY_NOT_FOUND, ENTRY_IS_FOLDER; what fetching its manifest throws
 */
export async function isLocal(context: WorkspaceContext, path: FsPath, options: ManifestOptions): Promise<boolean> {
  const { manifest } = await resolve(context, context.manifests.with(options), path);
  if (!isFile(manifest)) {
    throw new WorkspaceError("ENTRY_IS_FOLDER", `${path} is a folder: it has no content`, {
      entryId: manifest.base.id,
    });
  }
  return (await missingChunks(context, chunksOf(manifest))).length === 0;
}

/** Those that are not on this device. */
async function missingChunks({ store }: WorkspaceContext, ids: readonly ChunkId[]): Promise<readonly ChunkId[]> {
  const noChunks: ChunkId[] = [];
  for (const id of ids) if ((await store.getChunkInfo(id)) === undefined) noChunks.push(id);
  if (noChunks.length === 0) return noChunks;
  const blocks = new Set<string>(await store.blockIds());
  return noChunks.filter((id) => !blocks.has(blockIdOfChunk(id)));
}
