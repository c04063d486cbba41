import { breathe, hasCode } from "@parsec/base";
import type { ChunkId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { chunksOf } from "../file/slot.ts";

/** Above what any workspace holds: the entries with local changes are taken whole. */
const noLimit = 2 ** 31 - 1;

/** Content that nothing needs as a chunk any more. */
interface Leftovers {
  /** Not on the server, and of no entry with local changes: what a write left behind when the process was killed. */
  readonly orphans: readonly ChunkId[];
  /** On the server, and of no entry with local changes: what an upload left behind. */
  readonly sent: readonly ChunkId[];
}

/**
 * Deletes the content that no entry with local changes names, and that nobody uses: what a write left behind when the
 * process was killed. What the server has becomes cached. Gives the number of deleted chunks. Safe at any time.
 */
export async function purgeOrphanChunks(context: WorkspaceContext): Promise<number> {
  // Usually there is nothing; only then has nobody to wait.
  if (isNothing(await leftovers(context))) return 0;
  // Again, while no manifest can change. What is left over then stays so: nobody can come to name it.
  const { orphans, sent } = await context.tree.run(() => leftovers(context), { signal: context.closed });
  context.pins.letGo(sent, "cache");
  await context.store.removeChunks(orphans);
  return orphans.length;
}

function isNothing({ orphans, sent }: Leftovers): boolean {
  return orphans.length + sent.length === 0;
}

async function leftovers({ store, manifests, pins }: WorkspaceContext): Promise<Leftovers> {
  const unnamed = new Map((await store.listChunks()).map((chunk) => [chunk.id, chunk]));
  let areAllKnown = true;
  for (const id of unnamed.size === 0 ? [] : await store.getOutboundNeedSync(noLimit)) {
    try {
      const manifest = await manifests.getLocal(id);
      if (manifest !== undefined) for (const chunk of chunksOf(manifest)) unnamed.delete(chunk);
    } catch (error) {
      // What a damaged entry names is not known: somebody may still save it.
      if (!hasCode(error, "STORAGE_CORRUPTED")) throw error;
      areAllKnown = false;
    }
    await breathe();
  }
  const free = [...unnamed.values()].filter(({ id }) => !pins.isHeld(id));
  return {
    orphans: free.filter(({ sent }) => areAllKnown && !sent).map(({ id }) => id),
    sent: free.filter(({ sent }) => sent).map(({ id }) => id),
  };
}
