import { ParsecError } from "@parsec/base";
import type { HashDigest } from "@parsec/crypto";
import type { BlockAccess } from "../block-access.ts";
import type { ChunkView } from "../chunk-view.ts";
import { blockIdOfChunk, ChunkId, chunkIdOfBlock } from "../ids.ts";

/** The chunk view cannot become a block. */
export class PromoteAsBlockError extends ParsecError<"ALREADY_PROMOTED_AS_BLOCK" | "NOT_ALIGNED"> {
  override readonly name: string = "PromoteAsBlockError";
}

/** A view on the whole of a new chunk, that will hold the bytes `start`..`stop` of the file (spec 04 §6.1). */
export function newChunkView(start: number, stop: number): ChunkView {
  return { id: ChunkId.generate(), start, stop, rawOffset: start, rawSize: stop - start, access: null };
}

/** A view on the whole of an uploaded block. */
export function chunkViewOfBlock(access: BlockAccess): ChunkView {
  const { id, offset, size } = access;
  return { id: chunkIdOfBlock(id), start: offset, stop: offset + size, rawOffset: offset, rawSize: size, access };
}

/** True when the view shows the whole of its chunk. */
export function isAligned({ start, stop, rawOffset, rawSize }: ChunkView): boolean {
  return start === rawOffset && stop === rawOffset + rawSize;
}

/** True when the view shows the whole of a block. */
export function isBlock(view: ChunkView): view is ChunkView & { readonly access: BlockAccess } {
  const { access, rawOffset, rawSize } = view;
  return access !== null && isAligned(view) && access.offset === rawOffset && access.size === rawSize;
}

/**
 * The view of a chunk that becomes a block under the same id; `digest` is the SHA-256 of the chunk's bytes.
 * @throws PromoteAsBlockError
 */
export function promoteAsBlock(view: ChunkView, digest: HashDigest): ChunkView & { readonly access: BlockAccess } {
  if (isBlock(view)) throw new PromoteAsBlockError("ALREADY_PROMOTED_AS_BLOCK", "The chunk is a block already");
  if (!isAligned(view)) throw new PromoteAsBlockError("NOT_ALIGNED", "Only a whole chunk can become a block");
  const { id, start, stop } = view;
  return { ...view, access: { id: blockIdOfChunk(id), offset: start, size: stop - start, digest } };
}

/** The first broken rule of spec 04 §6.1, if any. */
export function chunkViewBrokenRule({ start, stop, rawOffset, rawSize }: ChunkView): string | undefined {
  if (rawOffset > start) return "raw_offset <= start";
  if (start >= stop) return "start < stop";
  return stop > rawOffset + rawSize ? "stop <= raw_offset + raw_size" : undefined;
}
