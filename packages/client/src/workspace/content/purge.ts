import type { ChunkId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { isFile } from "../manifests.ts";

const pageSize = 1000;

/**
 * Deletes the chunks that no manifest uses: what a write left behind when the process was killed. Content that still
 * belongs to an entry, also a removed one, stays. Gives the number of deleted chunks. Not to be run while files are
 * written.
 */
export async function purgeOrphanChunks({ store }: WorkspaceContext): Promise<number> {
  const orphans = new Set<ChunkId>(await store.chunkIds());
  for (let offset = 0; orphans.size > 0; offset += pageSize) {
    const page = await store.listManifests(offset, pageSize);
    for (const manifest of page) {
      if (isFile(manifest)) for (const view of manifest.blocks.flat()) orphans.delete(view.id);
    }
    if (page.length < pageSize) break;
  }
  await store.removeChunks(orphans);
  return orphans.size;
}
