import { breathe, InvalidArgumentError, orAbort, throwIfAborted, utf8 } from "@parsec/base";

/** Some of the content to store. A view of any kind stands for the bytes under it, a text for its UTF-8. */
export type ContentPiece = Uint8Array | ArrayBufferView | ArrayBuffer | string;

/** Content to store: whole, or as it comes. */
export type ByteSource =
  | ContentPiece
  | Blob
  | ReadableStream<ContentPiece>
  | AsyncIterable<ContentPiece>
  | Iterable<ContentPiece>;

const accepted = "bytes, a text, a Blob, a ReadableStream, or an iterable of bytes or texts";

/**
 * A source while it is read. Whatever happens, `close` it in the end: a stream is cancelled, an iterator told, a stream
 * of Node destroyed, so that no file stays open.
 */
export class SourceReader {
  /** Bytes in all, when the source knows. */
  readonly size: number | undefined;
  readonly #pull: Pull;
  readonly #text = new TextPieces();
  #isOver = false;
  /** True once the source itself has failed: the others of several sources may still be good. */
  hasFailed = false;

  private constructor(size: number | undefined, pull: Pull) {
    this.size = size;
    this.#pull = pull;
  }

  /** @throws InvalidArgumentError for what is no source, or was read before */
  static open(source: ByteSource): SourceReader {
    try {
      const whole = bytesOf(source);
      if (whole !== undefined) return new SourceReader(whole.length, pullIterable([whole]));
      if (typeof source === "string") {
        const bytes = wholeText(source);
        return new SourceReader(bytes.length, pullIterable([bytes]));
      }
      if (isBlob(source)) return new SourceReader(source.size, pullStream(source.stream()));
      return new SourceReader(undefined, pullParts(source));
    } catch (error) {
      abandon(source);
      throw error;
    }
  }

  /**
   * The next bytes, `undefined` after the last. They are the source's own: copy what is to be kept. An abort rejects at
   * once, whether the source answers or not.
   * @throws InvalidArgumentError for a piece that is neither bytes nor a text; whatever the source throws
   */
  async next(signal?: AbortSignal): Promise<Uint8Array | undefined> {
    // A source that is always ready would let no timer fire.
    await breathe();
    throwIfAborted(signal);
    if (this.#isOver) return undefined;
    const pulled = await orAbort(this.#pullOne(), signal);
    if (pulled !== undefined) return pulled;
    this.#isOver = true;
    return undefined;
  }

  /** Lets go of the source; does nothing when it has ended. Waits for nothing: it may never answer. Idempotent. */
  close(reason?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#pull.close(reason);
  }

  async #pullOne(): Promise<Uint8Array | undefined> {
    try {
      const { done, value } = await this.#pull.next();
      if (done !== true) return this.#text.bytesOf(value);
      this.#text.end();
      return undefined;
    } catch (error) {
      this.hasFailed = true;
      throw error;
    }
  }
}

/** For a source that is not going to be read. Its owner is told as if somebody had begun, and given up. */
export function abandon(source: ByteSource, reason?: unknown): void {
  if (typeof source !== "object" || source === null) return;
  if (isStream(source)) {
    // Somebody else may read it: then it refuses, and goes on.
    quietly(() => source.cancel(reason));
    return;
  }
  destroy(source);
  if (isIterator(source)) quietly(() => source.return?.());
}

/** How pieces are got out of one kind of source. */
interface Pull<T = unknown> {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: T | undefined }>;
  close(reason: unknown): void;
}

function pullParts(source: unknown): Pull {
  if (isStream(source)) return pullStream(source);
  if (isIterable(source)) return pullIterable(source);
  throw new InvalidArgumentError("source", accepted, source);
}

/** Not the stream's own iterator: not every browser has it. */
function pullStream(stream: ReadableStream<unknown>): Pull {
  if (stream.locked) throw new InvalidArgumentError("source", "a stream that nobody else reads", stream);
  const reader = stream.getReader();
  return {
    next: () => reader.read(),
    close: (reason) => {
      quietly(() => reader.cancel(reason));
      quietly(() => reader.releaseLock());
    },
  };
}

/** @throws InvalidArgumentError for a stream of Node that was read before */
export function pullIterable<T>(source: AsyncIterable<T> | Iterable<T>): Pull<T> {
  if (isSpent(source)) throw new InvalidArgumentError("source", "a stream that was not read before", source);
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  return {
    next: async () => iterator.next(),
    close: () => {
      // First the stream: its iterator answers `return` only once what it waits for has come.
      destroy(source);
      quietly(() => iterator.return?.());
    },
  };
}

/** The bytes under a value that is made of bytes. */
function bytesOf(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return isBuffer(value) ? new Uint8Array(value) : undefined;
}

/** Pieces of a source as bytes. A character that two texts share is put together again. */
class TextPieces {
  /** The first half of a character whose second half must come with the next piece. */
  #half = "";

  bytesOf(value: unknown): Uint8Array {
    const bytes = bytesOf(value);
    if (bytes !== undefined) {
      this.end();
      return bytes;
    }
    if (typeof value !== "string") throw new InvalidArgumentError("a piece of the source", "bytes or a text", value);
    const text = this.#half + value;
    this.#half = /[\ud800-\udbff]$/.exec(text)?.[0] ?? "";
    return wholeText(text.slice(0, text.length - this.#half.length));
  }

  end(): void {
    if (this.#half !== "") throw halfCharacter();
  }
}

/** @throws InvalidArgumentError rather than storing something else than the text */
function wholeText(text: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text)) throw halfCharacter();
  return utf8(text);
}

function halfCharacter(): InvalidArgumentError {
  return new InvalidArgumentError("source", "text of whole characters (no lone surrogates)", "text");
}

/** A stream of Node ends when it is destroyed, and so does a file that it reads. */
function destroy(source: object): void {
  if (!("destroy" in source) || typeof source.destroy !== "function") return;
  const { destroy: end } = source;
  if ("on" in source && typeof source.on === "function") {
    // What opens its file later, in vain, would end the process.
    const { on } = source;
    quietly(() => on.call(source, "error", () => undefined));
  }
  quietly(() => end.call(source));
}

/** A stream of Node that has ended gives nothing, without a word. */
function isSpent(source: object): boolean {
  return (
    ("readableEnded" in source && source.readableEnded === true) || ("destroyed" in source && source.destroyed === true)
  );
}

/** Nobody waits for what a source says when it is told to stop. */
function quietly(run: () => unknown): void {
  try {
    Promise.resolve(run()).catch(() => undefined);
  } catch {
    // It has been told.
  }
}

// Not `instanceof`: a page's objects are not of the same classes as those of its frames.

function isBuffer(value: unknown): value is ArrayBuffer {
  const tag = Object.prototype.toString.call(value);
  return tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]";
}

function isBlob(source: unknown): source is Blob {
  return isObject(source) && "size" in source && "stream" in source && typeof source.stream === "function";
}

function isStream(source: unknown): source is ReadableStream<unknown> {
  return isObject(source) && "getReader" in source && typeof source.getReader === "function";
}

function isIterable(source: unknown): source is AsyncIterable<unknown> | Iterable<unknown> {
  return isObject(source) && (Symbol.asyncIterator in source || Symbol.iterator in source);
}

function isIterator(source: object): source is AsyncIterator<unknown> | Iterator<unknown> {
  return "next" in source && typeof source.next === "function";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
