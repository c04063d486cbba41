import { ChunkId, type ChunkView, isAligned, isBlock } from "@parsec/types";
import { idsGone, type Slot } from "./slot.ts";

/** What it takes to give a slot the one view that becomes a block (spec 11 §6.6). */
export type SlotReshape =
  /** Empty, or a block already. */
  | { readonly kind: "done" }
  /** One whole chunk: its data gets a digest and stays where it is. */
  | { readonly kind: "promote"; readonly view: ChunkView }
  /** Several views: their data, gaps as zeros, become the new chunk `view`; `removed` chunks go. */
  | { readonly kind: "rewrite"; readonly view: ChunkView; readonly removed: readonly ChunkId[] };

/** Decides for one slot. `newId` names the chunk of a rewritten slot. */
export function planReshape(slot: Slot, newId: () => ChunkId = ChunkId.generate): SlotReshape {
  const [first] = slot;
  const last = slot.at(-1);
  if (first === undefined || last === undefined) return { kind: "done" };
  if (slot.length === 1 && isBlock(first)) return { kind: "done" };
  if (slot.length === 1 && isAligned(first) && first.access === null) return { kind: "promote", view: first };
  const { start } = first;
  const { stop } = last;
  const view: ChunkView = { id: newId(), start, stop, rawOffset: start, rawSize: stop - start, access: null };
  return { kind: "rewrite", view, removed: idsGone(slot, [view]) };
}
