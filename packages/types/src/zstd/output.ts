import { ZstdError } from "./error.ts";

/** Decompressed bytes. It grows with them, whatever a header announces, up to `limit`. */
export class Output {
  readonly #limit: number;
  #bytes: Uint8Array<ArrayBuffer>;
  #size = 0;
  /** Where the frame starts: a match reaches no further back. */
  #frameStart = 0;

  constructor(limit: number, expectedSize: number) {
    this.#limit = limit;
    this.#bytes = new Uint8Array(Math.min(limit, expectedSize));
  }

  get size(): number {
    return this.#size;
  }

  get frameSize(): number {
    return this.#size - this.#frameStart;
  }

  get content(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#size);
  }

  startFrame(): void {
    this.#frameStart = this.#size;
  }

  /** Appends `bytes[from..to]`. */
  append(bytes: Uint8Array, from: number, to: number): void {
    const start = this.#reserve(to - from);
    const own = this.#bytes;
    // Most runs are a few bytes, and a view costs more than they do.
    if (to - from > 32) own.set(bytes.subarray(from, to), start);
    else for (let i = from; i < to; i += 1) own[start + i - from] = bytes[i] ?? 0;
  }

  fill(byte: number, count: number): void {
    const start = this.#reserve(count);
    this.#bytes.fill(byte, start, start + count);
  }

  /** Appends `count` bytes found `offset` bytes back, which may be among those that this appends. */
  repeat(offset: number, count: number): void {
    if (offset < 1 || offset > this.frameSize) throw new ZstdError("a match reaches before the frame");
    const start = this.#reserve(count);
    const bytes = this.#bytes;
    if (offset >= count && count > 32) {
      bytes.copyWithin(start, start - offset, start - offset + count);
      return;
    }
    for (let i = start; i < start + count; i += 1) bytes[i] = bytes[i - offset] ?? 0;
  }

  #reserve(count: number): number {
    const start = this.#size;
    const size = start + count;
    if (size > this.#limit) throw new ZstdError(`it is larger than ${this.#limit} bytes`);
    if (size > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(this.#limit, Math.max(size, 2 * this.#bytes.length)));
      grown.set(this.content);
      this.#bytes = grown;
    }
    this.#size = size;
    return start;
  }
}
