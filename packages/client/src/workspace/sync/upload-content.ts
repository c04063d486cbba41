import { forEachConcurrently } from "@parsec/base";
import { sha256 } from "@parsec/crypto";
import { type BlockAccess, type ChunkView, isBlock, type LocalFileManifest, promoteAsBlock } from "@parsec/types";
import { chunkData } from "../content/chunk-data.ts";
import type { WorkspaceContext } from "../context.ts";
import { copyPart } from "../file/read.ts";
import { planReshape } from "../file/reshape.ts";
import type { Slot } from "../file/slot.ts";
import { uploadBlock } from "./upload-block.ts";

export interface UploadContentOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told after each block, with its size in bytes. */
  readonly onUploaded?: ((size: number) => void) | undefined;
}

/** Blocks of one workspace that are on their way up at the same time. */
export const blocksInFlight = 4;

/**
 * Puts the content of a file on the server, so that its manifest may follow (spec 11 §13.2). Gives the manifest to
 * upload, or `busy` when the file changed meanwhile.
 */
export async function uploadContent(
  context: WorkspaceContext,
  file: LocalFileManifest,
  options: UploadContentOptions = {},
): Promise<LocalFileManifest | "busy"> {
  const reshaped = await reshape(context, file, options);
  if (reshaped === "busy") return "busy";
  await forEachConcurrently(
    blocksOf(reshaped),
    blocksInFlight,
    (block) => context.uploads.run(() => uploadIfMissing(context, reshaped, block, options), options),
    options,
  );
  return reshaped;
}

/** Blocks that are not among the chunks any more are on the server. */
async function uploadIfMissing(
  context: WorkspaceContext,
  file: LocalFileManifest,
  { view, access, index }: IndexedBlock,
  options: UploadContentOptions,
): Promise<void> {
  const data = await context.store.getChunk(view.id);
  if (data === undefined) return;
  announceProgress(context, file, index);
  await uploadBlock(context, access, data, options);
  await context.store.promoteChunkToBlock(view.id);
  options.onUploaded?.(data.length);
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
  options: UploadContentOptions,
): Promise<LocalFileManifest | "busy"> {
  let current = file;
  for (const [index, slot] of file.blocks.entries()) {
    const plan = planReshape(slot);
    if (plan.kind === "done") continue;
    const data = await slotData(context, slot, options);
    const view = promoteAsBlock(plan.view, await sha256(data, options));
    const blocks = current.blocks.with(index, [view]);
    const next = { ...current, blocks };
    const before = current;
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
async function slotData(context: WorkspaceContext, slot: Slot, options: UploadContentOptions): Promise<Uint8Array> {
  const start = slot[0]?.start ?? 0;
  const stop = slot.at(-1)?.stop ?? start;
  const target = new Uint8Array(stop - start);
  for (const view of slot) {
    const data = await chunkData(context, view, options);
    copyPart({ view, start: view.start, stop: view.stop }, data, target, start);
  }
  return target;
}
