import { sha256 } from "@parsec/crypto";
import { blockIdOfChunk, type ChunkId, type ChunkView, type LocalFileManifest, promoteAsBlock } from "@parsec/types";
import { localChunk } from "../content/chunk-data.ts";
import type { WorkspaceContext } from "../context.ts";
import { layOver } from "../file/lay-over.ts";
import { copyPart } from "../file/read.ts";
import { planReshape } from "../file/reshape.ts";
import type { Slot } from "../file/slot.ts";
import type { Overlay } from "./overlay.ts";

/** A file as it is to be stored, with the content that is new in it. */
export interface FlushPlan {
  readonly manifest: LocalFileManifest;
  readonly chunks: ReadonlyMap<ChunkId, Uint8Array>;
}

/** A slot in so many pieces is made one, also when that takes reading what is stored of it. */
const manyViews = 8;
/** Slots that are read for that in one flush: the content of all is in memory until it is stored. */
const maxRead = 4;

/** The file with what was written on it, as it is stored when nobody has time for more. */
export function layOverlay(file: LocalFileManifest, overlay: Overlay): FlushPlan {
  const { cut, updated = file.updated } = overlay;
  return layOver(file, { cut, updated, extents: overlay.extents(), sizeOn: (size) => overlay.sizeOn(size) });
}

/**
 * The same, with slots made whole blocks where that is cheap (spec 11 §7.3): what is new in them all, or in many pieces,
 * of which this device has the content. The rest is for the upload.
 */
export async function planFlush(
  context: WorkspaceContext,
  file: LocalFileManifest,
  overlay: Overlay,
): Promise<FlushPlan> {
  const { cut, updated = file.updated } = overlay;
  const laid = layOver(file, { cut, updated, extents: overlay.extents(), sizeOn: (size) => overlay.sizeOn(size) });
  const slots: Slot[] = [...laid.manifest.blocks];
  const chunks = new Map(laid.chunks);
  let toRead = maxRead;
  for (const index of laid.touched) {
    const slot = slots[index] ?? [];
    const plan = planReshape(slot);
    if (plan.kind === "done") continue;
    const isNew = slot.every(({ id }) => chunks.has(id));
    const isDue = slot.length >= manyViews || isFull(slot, laid.manifest, index, chunks);
    if (!isNew && (!isDue || toRead === 0)) continue;
    if (!isNew) toRead -= 1;
    const data = await slotData(context, slot, chunks);
    if (data === undefined) continue;
    if (plan.kind === "rewrite") for (const id of plan.removed) chunks.delete(id);
    const view = promoteAsBlock(plan.view, await sha256(data));
    chunks.set(view.id, data);
    slots[index] = [view];
  }
  return { manifest: { ...laid.manifest, blocks: slots }, chunks };
}

/** Whether it was just written up to its end: whoever writes on goes on in the next one. */
function isFull(
  slot: Slot,
  { blocksize }: LocalFileManifest,
  index: number,
  chunks: ReadonlyMap<ChunkId, Uint8Array>,
): boolean {
  const last = slot.at(-1);
  return last !== undefined && chunks.has(last.id) && last.stop === (index + 1) * blocksize;
}

/** From the first to the last used byte of a slot, gaps as zeros; `undefined` when this device does not have all of it. */
async function slotData(
  context: WorkspaceContext,
  slot: Slot,
  chunks: ReadonlyMap<ChunkId, Uint8Array>,
): Promise<Uint8Array | undefined> {
  const start = slot[0]?.start ?? 0;
  const target = new Uint8Array((slot.at(-1)?.stop ?? start) - start);
  for (const view of slot) {
    const data = chunks.get(view.id) ?? (await storedData(context, view));
    if (data === undefined) return undefined;
    copyPart({ view, start: view.start, stop: view.stop }, data, target, start);
  }
  return target;
}

async function storedData(context: WorkspaceContext, { id }: ChunkView): Promise<Uint8Array | undefined> {
  const { data } = await localChunk(context, id);
  return data ?? context.store.getBlock(blockIdOfChunk(id));
}
