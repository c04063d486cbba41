import { breathe, hasCode } from "@parsec/base";
import type { ChunkId, VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { chunksOf } from "../file/slot.ts";
import { markOf } from "../kept/kept-files.ts";
import { isFile } from "../manifests.ts";
import { isReachable } from "../tree/reachable.ts";

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

async function leftovers(context: WorkspaceContext): Promise<Leftovers> {
  const { store, manifests, pins } = context;
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
  for (const id of await keptContent(context)) unnamed.delete(id);
  const free = [...unnamed.values()].filter(({ id }) => !pins.isHeld(id));
  return {
    orphans: free.filter(({ sent }) => areAllKnown && !sent).map(({ id }) => id),
    sent: free.filter(({ sent }) => sent).map(({ id }) => id),
  };
}

/**
 * The content of files that are kept here, and their marks; from now on it is in use. An entry that leads nowhere any more
 * is kept no longer.
 */
export async function keptContent({ kept, manifests, realmId }: WorkspaceContext): Promise<readonly ChunkId[]> {
  const local = { getLocal: (entry: VlobId) => manifests.getReadable(entry) };
  const chunks: ChunkId[] = [];
  for (const id of await kept.all()) {
    await breathe();
    const manifest = (await isReachable(local, realmId, id)) ? manifests.peek(id) : undefined;
    if (manifest === undefined || !isFile(manifest)) {
      kept.letGo(id);
      continue;
    }
    kept.hold(manifest);
    chunks.push(markOf(id));
    for (const chunk of chunksOf(manifest)) chunks.push(chunk);
  }
  return chunks;
}
