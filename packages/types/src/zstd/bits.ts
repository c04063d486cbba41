import { ZstdError } from "./error.ts";

/** Position of the highest bit that is set; `value` is positive. */
export function highBit(value: number): number {
  return 31 - Math.clz32(value);
}

/** Bytes of a frame, read in order. Nothing is read past the end. */
export class ByteReader {
  readonly bytes: Uint8Array;
  offset = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get remaining(): number {
    return this.bytes.length - this.offset;
  }

  /** A view on the next `size` bytes. */
  take(size: number): Uint8Array {
    if (size > this.remaining) throw new ZstdError("truncated");
    const start = this.offset;
    this.offset += size;
    return this.bytes.subarray(start, this.offset);
  }

  byte(): number {
    return this.take(1)[0] ?? 0;
  }

  /** An unsigned little-endian integer of at most 8 bytes; beyond 2^53 it is only roughly right. */
  integer(size: number): number {
    return this.take(size).reduceRight((value, byte) => value * 256 + byte, 0);
  }
}

/** Bits of a stream that is written forwards and read backwards: a mark, the highest bit set of the last byte, starts it. */
export class BackwardBits {
  readonly #words: DataView;
  #position: number;

  constructor(bytes: Uint8Array) {
    const last = bytes.at(-1) ?? 0;
    if (last === 0) throw new ZstdError("a bit stream has no end mark");
    // A copy with room for a whole word at the last byte.
    const padded = new Uint8Array(bytes.length + 3);
    padded.set(bytes);
    this.#words = new DataView(padded.buffer);
    this.#position = 8 * (bytes.length - 1) + highBit(last);
  }

  /** Bits left; negative when more was read than there is. */
  get left(): number {
    return this.#position;
  }

  /** `count` bits, at most 16. What is missing at the end reads as zeros. */
  peek(count: number): number {
    const start = this.#position - count;
    if (start >= 0) return (this.#words.getUint32(start >> 3, true) >>> (start & 7)) & ((1 << count) - 1);
    if (this.#position <= 0) return 0;
    return (this.#words.getUint32(0, true) & ((1 << this.#position) - 1)) << -start;
  }

  skip(count: number): void {
    this.#position -= count;
  }

  /** At most 31 bits. */
  read(count: number): number {
    if (count > 16) {
      const high = this.read(count - 16);
      return high * 65_536 + this.read(16);
    }
    const value = this.peek(count);
    this.#position -= count;
    return value;
  }
}
