import type { PageCursor } from "@parsec/storage";
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
  let after: PageCursor | undefined;
  do {
    const { items, next } = await store.listManifests(after, pageSize);
    for (const item of items) {
      // Nobody knows what a damaged manifest uses.
      if ("damage" in item) return 0;
      if (isFile(item)) for (const view of item.blocks.flat()) orphans.delete(view.id);
    }
    after = next;
  } while (after !== undefined && orphans.size > 0);
  await store.removeChunks(orphans);
  return orphans.size;
}
