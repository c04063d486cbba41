import { breathe, joinSignals, type OperationOptions, throwIfAborted } from "@parsec/base";
import { type ChunkId, type ChunkView, type FsPath, isBlock, type LocalFileManifest, type VlobId } from "@parsec/types";
import { chunkData } from "../content/chunk-data.ts";
import { holdFile } from "../content/hold-file.ts";
import type { WorkspaceContext } from "../context.ts";
import { isFile, type LocalManifest } from "../manifests.ts";
import { isValidChild, resolve } from "../tree/resolve.ts";
import { markOf } from "./kept-files.ts";

/** Blocks that are fetched, and stored, together. */
const atOnce = 4;

/**
 * Brings the content of a file, or of all files below a folder, to this device, and keeps it here: the block cache evicts
 * nothing of it, until it is released. What comes into the folder later, and what others write, is not kept by it.
 * Progress counts bytes.
 * @throws WorkspaceError ENTRY_NOT_FOUND, CHUNK_NOT_FOUND, BLOCKSTORE_UNAVAILABLE; InvalidBlockError; StorageError (also
 * STORAGE_FULL: then what came before stays); what fetching throws
 */
export async function makeLocal(context: WorkspaceContext, path: FsPath, options: OperationOptions): Promise<void> {
  const joined = joinSignals(options.signal, context.closed);
  try {
    const files = await filesBelow(context, path, joined);
    const total = files.reduce((sum, { blocks }) => sum + sizeOf(blocks.flat()), 0);
    let done = 0;
    options.onProgress?.({ done, total });
    for (const { base } of files) {
      await keep(context, { id: base.id, path }, joined.signal, (size) => {
        done = Math.min(total, done + size);
        options.onProgress?.({ done, total });
      });
    }
    // A file that was changed meanwhile may have less content.
    if (done < total) options.onProgress?.({ done: total, total });
  } finally {
    joined.release();
  }
}

/**
 * What was kept may be evicted again, like all content that the server has.
 * @throws WorkspaceError ENTRY_NOT_FOUND; StorageError
 */
export async function release(context: WorkspaceContext, path: FsPath, options: OperationOptions): Promise<void> {
  const joined = joinSignals(options.signal, context.closed);
  try {
    for (const file of await filesBelow(context, path, joined)) {
      await breathe();
      throwIfAborted(joined.signal);
      if (!(await context.kept.has(file.base.id))) continue;
      await context.kept.remove([file.base.id]);
      await letGo(context, file);
    }
    await context.pins.idle();
  } finally {
    joined.release();
  }
}

/** What the server is known to have becomes cached. */
async function letGo({ store, pins }: WorkspaceContext, file: LocalFileManifest): Promise<void> {
  const sent: ChunkId[] = [];
  const uploaded = new Set<string>(file.base.blocks.map(({ id }) => id));
  for (const { id } of file.blocks.flat()) {
    if (uploaded.has(id) && (await store.getChunkInfo(id))?.sent === true) sent.push(id);
  }
  pins.letGo(sent, "cache");
}

async function keep(
  context: WorkspaceContext,
  { id, path }: { readonly id: VlobId; readonly path: FsPath },
  signal: AbortSignal,
  onKept: (bytes: number) => void,
): Promise<void> {
  const held = await holdFile(context, id, { signal });
  if (held === undefined) return;
  const views = held.file.blocks.flat();
  const stored: ChunkId[] = [];
  try {
    for (let start = 0; start < views.length; start += atOnce) {
      throwIfAborted(signal);
      const group = views.slice(start, start + atOnce);
      for (const chunk of await keepGroup(context, group, { signal, entryId: id, path })) stored.push(chunk);
      onKept(sizeOf(group));
    }
    held.hold.add([markOf(id)]);
    await context.kept.add(id);
    const now = context.manifests.peek(id) ?? held.file;
    if (isFile(now)) context.kept.hold(now);
  } catch (error) {
    context.pins.letGo(stored, "cache");
    throw error;
  } finally {
    held.hold.release();
  }
}

/** Gives the chunks that were stored for it. Content of this device alone stays where it is. */
async function keepGroup(
  context: WorkspaceContext,
  group: readonly ChunkView[],
  options: Parameters<typeof chunkData>[2],
): Promise<readonly ChunkId[]> {
  const { store } = context;
  const missing: ChunkView[] = [];
  for (const view of group) {
    if (isBlock(view) && (await store.getChunkInfo(view.id)) === undefined) missing.push(view);
  }
  const chunks = await Promise.all(
    missing.map(async (view) => ({ id: view.id, data: await chunkData(context, view, options) })),
  );
  if (chunks.length === 0) return [];
  await store.setChunks(chunks);
  const ids = chunks.map(({ id }) => id);
  await store.markChunksSent(ids);
  return ids;
}

/** The files of an entry; what is missing of the folders comes from the server. */
async function filesBelow(
  context: WorkspaceContext,
  path: FsPath,
  options: { readonly signal: AbortSignal },
): Promise<readonly LocalFileManifest[]> {
  const { manifest } = await resolve(context, context.manifests.with(options), path);
  const files: LocalFileManifest[] = [];
  const seen = new Set<VlobId>();
  const left: LocalManifest[] = [manifest];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    await breathe();
    throwIfAborted(options.signal);
    if (isFile(next)) {
      files.push(next);
      continue;
    }
    const folder = next;
    if (seen.has(folder.base.id)) continue;
    seen.add(folder.base.id);
    const { found, damaged } = await context.manifests.lookUp([...folder.children.values()], options);
    const [damage] = damaged.values();
    if (damage !== undefined) throw damage;
    for (const child of found) if (isValidChild(context, folder, child)) left.push(child);
  }
  return files;
}

function sizeOf(views: readonly ChunkView[]): number {
  return views.reduce((sum, { start, stop }) => sum + stop - start, 0);
}
