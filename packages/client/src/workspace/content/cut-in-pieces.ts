import type { SourceReader } from "./byte-source.ts";

/** What is taken for a source that does not say how long it is. Most files are short. */
const firstGuess = 64 * 1024;

export interface CutOptions {
  readonly signal?: AbortSignal | undefined;
  /** How many bytes are expected; more or fewer may come. */
  readonly expected?: number | undefined;
}

/**
 * Cuts what a source gives into pieces of exactly `size` bytes; the last may be shorter, and none is empty. Each piece
 * is a buffer of its own, so that it can be kept while the next is read. Reads no further than it is asked to.
 */
export async function* cutInPieces(
  reader: SourceReader,
  size: number,
  options: CutOptions = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  let piece = new Uint8Array(Math.min(size, reader.size ?? options.expected ?? firstGuess));
  let filled = 0;
  for (;;) {
    const chunk = await reader.next(options.signal);
    if (chunk === undefined) break;
    for (let start = 0; start < chunk.length; ) {
      const taken = chunk.subarray(start, start + size - filled);
      if (filled + taken.length > piece.length) piece = larger(piece, filled, taken.length, size);
      piece.set(taken, filled);
      filled += taken.length;
      start += taken.length;
      if (filled < size) continue;
      yield piece;
      // Nothing until more has come: the source may end here.
      piece = new Uint8Array(0);
      filled = 0;
    }
  }
  if (filled > 0) yield filled === piece.length ? piece : piece.slice(0, filled);
}

/** The piece with room for `more` bytes after those that are filled: at least twice as large, but a new one whole. */
function larger(piece: Uint8Array, filled: number, more: number, most: number): Uint8Array<ArrayBuffer> {
  const room = filled === 0 ? most : Math.min(most, Math.max(2 * piece.length, filled + more));
  const grown = new Uint8Array(room);
  grown.set(piece.subarray(0, filled));
  return grown;
}
