import { breathe, forEachConcurrently, hasCode } from "@parsec/base";
import { sha256 } from "@parsec/crypto";
import {
  type BlockAccess,
  type BlockId,
  type ChunkId,
  type ChunkView,
  isBlock,
  type LocalFileManifest,
  promoteAsBlock,
} from "@parsec/types";
import { cachedBlock, chunkData, contentLost, localChunk } from "../content/chunk-data.ts";
import type { ChunkHold } from "../content/chunk-pins.ts";
import { holdIfCurrent } from "../content/hold-file.ts";
import type { WorkspaceContext } from "../context.ts";
import { copyPart } from "../file/read.ts";
import { planReshape } from "../file/reshape.ts";
import { chunksOf, type Slot } from "../file/slot.ts";
import { isForgotten, type LocalManifest } from "../manifests.ts";
import { fetchBlock } from "../remote/fetch-block.ts";
import { uploadBlock } from "./upload-block.ts";

export interface UploadContentOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told after each block that this device had to send, with its size in bytes. */
  readonly onUploaded?: ((size: number) => void) | undefined;
}

/** Blocks of one workspace that are on their way up at the same time. */
export const blocksInFlight = 4;

/**
 * Puts the content of a file on the server, so that its manifest may follow (spec 11 §13.2). Gives the manifest to
 * upload, each of whose blocks is proved to be there, or `busy` when the file changed meanwhile in a way that matters.
 * A file that is overwritten during the upload is uploaded all the same: what is sent is what it was.
 * @throws WorkspaceError CHUNK_NOT_FOUND when content is lost, and what `uploadBlock` throws
 */
export async function uploadContent(
  context: WorkspaceContext,
  file: LocalFileManifest,
  options: UploadContentOptions = {},
): Promise<LocalFileManifest | "busy"> {
  const hold = holdIfCurrent(context, file);
  if (hold === undefined) return "busy";
  try {
    const reshaped = await reshape(context, file, hold, options);
    if (reshaped === "busy") return "busy";
    const before = new Map(reshaped.base.blocks.map((access) => [access.id, access]));
    await forEachConcurrently(
      blocksOf(reshaped),
      blocksInFlight,
      (block) => context.uploads.run(() => upload(context, reshaped, before, block, options), options),
      options,
    );
    await context.sentChunks.flush();
    // An entry that was removed before it was ever uploaded sends no manifest.
    const current = context.manifests.peek(file.base.id);
    return current === undefined || isForgotten(current) ? "busy" : reshaped;
  } finally {
    hold.release();
    // What was sent must not go up again, also when the next block failed.
    context.sentChunks.flush().catch(() => undefined);
  }
}

/** Once the server has the manifest too: what was sent for it is cached content like any other. */
export async function settleUploaded(context: WorkspaceContext, uploaded: LocalManifest): Promise<void> {
  const { store, pins, kept } = context;
  if (await kept.has(uploaded.base.id)) return;
  const sent: ChunkId[] = [];
  for (const id of chunksOf(uploaded)) if ((await store.getChunkInfo(id))?.sent === true) sent.push(id);
  pins.letGo(sent, "cache");
}

interface IndexedBlock {
  readonly view: ChunkView;
  readonly access: BlockAccess;
  readonly index: number;
}

function* blocksOf({ blocks }: LocalFileManifest): Generator<IndexedBlock, void, undefined> {
  for (const [index, [view]] of blocks.entries()) {
    if (view !== undefined && isBlock(view)) yield { view, access: view.access, index };
  }
}

/** Resolves when the server is proved to have the block. `before`: the blocks of the version that it has. */
async function upload(
  context: WorkspaceContext,
  file: LocalFileManifest,
  before: ReadonlyMap<BlockId, BlockAccess>,
  block: IndexedBlock,
  options: UploadContentOptions,
): Promise<void> {
  await breathe();
  const { view, access } = block;
  if (before.get(access.id)?.digest.equals(access.digest) === true) return;
  await context.sentChunks.alone(
    view.id,
    async () => {
      if (await context.sentChunks.has(view.id)) return;
      const chunk = await localChunk(context, view.id);
      if (chunk.data?.length === access.size) {
        announceProgress(context, file, block.index);
        await uploadBlock(context, access, chunk.data, options);
        await context.sentChunks.add(view.id);
        options.onUploaded?.(access.size);
        return;
      }
      await uploadFromElsewhere(context, file, block, chunk.damage, options);
      context.sentChunks.addProved(view.id);
    },
    options,
  );
}

/** For a block that is no chunk of this device, and of which nothing says that it was sent. */
async function uploadFromElsewhere(
  context: WorkspaceContext,
  file: LocalFileManifest,
  { view, access }: IndexedBlock,
  damage: unknown,
  options: UploadContentOptions,
): Promise<void> {
  const cached = await cachedBlock(context, view, options);
  if (cached !== undefined) {
    await uploadBlock(context, access, cached, options);
    return;
  }
  try {
    await fetchBlock(context, access, options);
  } catch (error) {
    if (!hasCode(error, "CHUNK_NOT_FOUND")) throw error;
    throw contentLost({ entryId: file.base.id }, damage ?? error);
  }
}

function announceProgress({ session, realmId }: WorkspaceContext, file: LocalFileManifest, blockIndex: number): void {
  const { base, blocks, blocksize } = file;
  session.events.send({
    type: "sync_progress",
    realmId,
    entryId: base.id,
    blocks: blocks.length,
    blockIndex,
    blocksize,
  });
}

/** Makes every slot one whole block, a slot at a time, each stored before the next (spec 11 §6.6). */
async function reshape(
  context: WorkspaceContext,
  file: LocalFileManifest,
  hold: ChunkHold,
  options: UploadContentOptions,
): Promise<LocalFileManifest | "busy"> {
  let current = file;
  for (const [index, slot] of file.blocks.entries()) {
    const plan = planReshape(slot);
    if (plan.kind === "done") continue;
    const data = await slotData(context, file, slot, options);
    const view = promoteAsBlock(plan.view, await sha256(data, options));
    const next = { ...current, blocks: current.blocks.with(index, [view]) };
    const before = current;
    hold.add([view.id]);
    const isStored = await context.tree.change(async (draft) => {
      if ((await draft.getLocal(file.base.id)) !== before) return false;
      draft.put(next);
      if (plan.kind === "rewrite") {
        draft.addChunk({ id: view.id, data });
        draft.removeChunks(plan.removed);
      }
      return true;
    }, options);
    if (!isStored) return "busy";
    current = next;
  }
  return current;
}

/** The bytes from the first to the last used one of a slot, gaps as zeros. */
async function slotData(
  context: WorkspaceContext,
  file: LocalFileManifest,
  slot: Slot,
  options: UploadContentOptions,
): Promise<Uint8Array> {
  const start = slot[0]?.start ?? 0;
  const stop = slot.at(-1)?.stop ?? start;
  const target = new Uint8Array(stop - start);
  for (const view of slot) {
    const data = await chunkData(context, view, { signal: options.signal, entryId: file.base.id });
    copyPart({ view, start: view.start, stop: view.stop }, data, target, start);
  }
  return target;
}
