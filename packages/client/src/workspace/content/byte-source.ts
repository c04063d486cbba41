import { throwIfAborted, utf8 } from "@parsec/base";

/** Content to store: whole, or as it comes. A text is stored as UTF-8. */
export type ByteSource = Uint8Array | string | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** The size in bytes when the source knows it. */
export function knownSize(source: ByteSource): number | undefined {
  if (typeof source === "string") return utf8(source).length;
  if (source instanceof Uint8Array) return source.length;
  return source instanceof Blob ? source.size : undefined;
}

/**
 * Cuts the source into pieces of exactly `size` bytes; the last may be shorter, and none is empty. Each piece is a
 * buffer of its own, so that it can be kept while the next is read. Reads no further than it is asked to, and tells
 * the source when the reader gives up.
 */
export async function* cutInPieces(
  source: ByteSource,
  size: number,
  options: { signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  let piece = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of chunksOf(source)) {
    throwIfAborted(options.signal);
    for (let start = 0; start < chunk.length; ) {
      const taken = chunk.subarray(start, start + size - filled);
      piece.set(taken, filled);
      filled += taken.length;
      start += taken.length;
      if (filled < size) continue;
      yield piece;
      piece = new Uint8Array(size);
      filled = 0;
    }
  }
  throwIfAborted(options.signal);
  if (filled > 0) yield piece.slice(0, filled);
}

function chunksOf(source: ByteSource): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (typeof source === "string") return [utf8(source)];
  if (source instanceof Uint8Array) return [source];
  return source instanceof Blob
    ? chunksOfStream(source.stream())
    : "getReader" in source
      ? chunksOfStream(source)
      : source;
}

/** Not `for await` on the stream itself: not every browser has its async iterator. */
async function* chunksOfStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel();
    reader.releaseLock();
  }
}
