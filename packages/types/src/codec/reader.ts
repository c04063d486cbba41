import { toHex } from "@parsec/base";
import { DecodeError } from "./error.ts";

/** Deeper values are refused. No type of the specification nests more than ten levels. */
export const maxNesting = 32;

const fatalUtf8 = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What the next msgpack value is, told by its first byte. */
export type WireKind = "nil" | "bool" | "int" | "float" | "str" | "bin" | "array" | "map" | "ext";

/**
 * Reads one msgpack value with the tolerances of spec 02 §1.2.
 *
 * Work and memory are bounded by the input: no announced length is believed before the bytes are there, and byte
 * strings are views on the input, not copies.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #depth = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Goes back to (or on to) a position that `offset` gave. */
  seek(offset: number): void {
    this.#offset = offset;
  }

  get atEnd(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  peek(): WireKind {
    const byte = this.#peekByte();
    if (byte <= 0x7f || byte >= 0xe0) return "int";
    if (byte <= 0x8f) return "map";
    if (byte <= 0x9f) return "array";
    if (byte <= 0xbf) return "str";
    const kind = kindsFromC0[byte - 0xc0];
    if (kind === undefined) throw new DecodeError("0xc1 is not a msgpack type");
    return kind;
  }

  nil(): void {
    if (this.#peekByte() !== 0xc0) throw this.#unexpected("nil");
    this.#offset += 1;
  }

  bool(): boolean {
    const byte = this.#peekByte();
    if (byte !== 0xc2 && byte !== 0xc3) throw this.#unexpected("a boolean");
    this.#offset += 1;
    return byte === 0xc3;
  }

  /** A `number` while it is exact, else a `bigint`. Any length of encoding is accepted. */
  int(): number | bigint {
    const byte = this.#peekByte();
    if (byte <= 0x7f) return this.#skipped(1, byte);
    if (byte >= 0xe0) return this.#skipped(1, byte - 0x100);
    switch (byte) {
      case 0xcc:
        return this.#unsigned(this.#take(2) + 1, 1);
      case 0xcd:
        return this.#unsigned(this.#take(3) + 1, 2);
      case 0xce:
        return this.#unsigned(this.#take(5) + 1, 4);
      case 0xcf:
        return this.#unsigned64(this.#take(9) + 1);
      case 0xd0:
        return (this.#unsigned(this.#take(2) + 1, 1) << 24) >> 24;
      case 0xd1:
        return (this.#unsigned(this.#take(3) + 1, 2) << 16) >> 16;
      case 0xd2:
        return this.#unsigned(this.#take(5) + 1, 4) | 0;
      case 0xd3:
        return this.#signed64(this.#take(9) + 1);
      default:
        throw this.#unexpected("an integer");
    }
  }

  /** A float of either size, or an integer. */
  float(): number {
    const byte = this.#peekByte();
    if (byte === 0xca) return this.#viewOf(this.#take(5) + 1, 4).getFloat32(0);
    if (byte === 0xcb) return this.#viewOf(this.#take(9) + 1, 8).getFloat64(0);
    if (this.peek() !== "int") throw this.#unexpected("a number");
    return Number(this.int());
  }

  /** Text: `str`, or `bin` that holds valid UTF-8. */
  str(): string {
    const size = this.#strOrBinHeader("a string");
    const start = this.#take(size);
    return this.#shortAscii(start, start + size) ?? fatalDecode(this.#bytes.subarray(start, start + size));
  }

  /** Most texts are short and ASCII: a loop costs less than a decoder call. */
  #shortAscii(start: number, end: number): string | undefined {
    if (end - start > 40) return undefined;
    let text = "";
    for (let i = start; i < end; i += 1) {
      const byte = this.#bytes[i] ?? 0x80;
      if (byte >= 0x80) return undefined;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** Text of an enumeration or discriminant: `str` alone. */
  strictStr(): string {
    if (this.peek() !== "str") throw this.#unexpected("a string");
    return this.str();
  }

  /** Raw bytes: `bin`, or the bytes of a `str` (old writers). A view on the input. */
  bin(): Uint8Array {
    return this.#strOrBin("bytes");
  }

  /** Raw bytes, also when they come as an array of small integers. */
  binOrInts(): Uint8Array {
    if (this.peek() !== "array") return this.bin();
    const bytes = new Uint8Array(this.arrayHeader());
    for (let i = 0; i < bytes.length; i += 1) {
      const value = this.int();
      if (typeof value !== "number" || value < 0 || value > 255) throw new DecodeError("expected integers of 0..255");
      bytes[i] = value;
    }
    return bytes;
  }

  /** The number of elements that follow. */
  arrayHeader(): number {
    const byte = this.#peekByte();
    if (byte >= 0x90 && byte <= 0x9f) return this.#count(this.#skipped(1, byte & 0x0f), 1);
    if (byte === 0xdc) return this.#count(this.#unsigned(this.#take(3) + 1, 2), 1);
    if (byte === 0xdd) return this.#count(this.#unsigned(this.#take(5) + 1, 4), 1);
    throw this.#unexpected("an array");
  }

  /** The number of key and value pairs that follow. */
  mapHeader(): number {
    const byte = this.#peekByte();
    if (byte >= 0x80 && byte <= 0x8f) return this.#count(this.#skipped(1, byte & 0x0f), 2);
    if (byte === 0xde) return this.#count(this.#unsigned(this.#take(3) + 1, 2), 2);
    if (byte === 0xdf) return this.#count(this.#unsigned(this.#take(5) + 1, 4), 2);
    throw this.#unexpected("a map");
  }

  /** The payload of an extension of that type and size. A view on the input. */
  ext(type: number, size: number): Uint8Array {
    const start = this.#ext(type, size);
    return this.#bytes.subarray(start, start + size);
  }

  /** The payload of an extension of that type and size, as lower-case hex. */
  hexExt(type: number, size: number): string {
    const start = this.#ext(type, size);
    return toHex(this.#bytes, start, start + size);
  }

  /** The payload of an extension that is a signed big-endian integer of 64 bits: a `number` while it is exact. */
  int64Ext(type: number): number | bigint {
    return this.#signed64(this.#ext(type, 8));
  }

  /** Moves past an extension of that type and size and gives where its payload starts. */
  #ext(type: number, size: number): number {
    const byte = this.#peekByte();
    const fixed = fixedExtSizes.get(byte);
    const lengthSize = byte >= 0xc7 && byte <= 0xc9 ? 1 << (byte - 0xc7) : 0;
    if (fixed === undefined && lengthSize === 0) throw this.#unexpected("an extension");
    const head = this.#take(2 + lengthSize);
    const length = fixed ?? this.#unsigned(head + 1, lengthSize);
    if (this.#bytes[head + 1 + lengthSize] !== type) throw new DecodeError("wrong extension type");
    if (length !== size) throw new DecodeError(`expected an extension of ${size} bytes, got ${length}`);
    return this.#take(length);
  }

  /** Reads the content of an array or a map one level deeper. */
  nested<T>(read: () => T): T {
    this.enter();
    const value = read();
    this.leave();
    return value;
  }

  enter(): void {
    this.#depth += 1;
    if (this.#depth > maxNesting) throw new DecodeError(`nested deeper than ${maxNesting} levels`);
  }

  leave(): void {
    this.#depth -= 1;
  }

  /** True, and past them, when exactly these bytes come next. */
  consume(expected: Uint8Array): boolean {
    const start = this.#offset;
    if (start + expected.length > this.#bytes.length) return false;
    for (let i = 0; i < expected.length; i += 1) if (this.#bytes[start + i] !== expected[i]) return false;
    this.#offset += expected.length;
    return true;
  }

  /** Passes over one value of any type. */
  skip(): void {
    // Not recursive: an unknown key may hold anything, and still counts for the depth.
    const remaining = [1];
    while (remaining.length > 0) {
      const last = remaining.length - 1;
      const left = remaining[last] ?? 0;
      if (left === 0) {
        remaining.pop();
        continue;
      }
      remaining[last] = left - 1;
      const kind = this.peek();
      if (kind === "array") remaining.push(this.arrayHeader());
      else if (kind === "map") remaining.push(2 * this.mapHeader());
      else this.#skipScalar(kind);
      if (this.#depth + remaining.length - 1 > maxNesting) {
        throw new DecodeError(`nested deeper than ${maxNesting} levels`);
      }
    }
  }

  #skipScalar(kind: WireKind): void {
    if (kind === "nil" || kind === "bool") this.#take(1);
    else if (kind === "int") this.int();
    else if (kind === "float") this.float();
    else if (kind === "ext") this.#skipExt();
    else this.#strOrBin("bytes");
  }

  #skipExt(): void {
    const byte = this.#peekByte();
    const fixed = fixedExtSizes.get(byte);
    const lengthSize = fixed === undefined ? 1 << (byte - 0xc7) : 0;
    const head = this.#take(2 + lengthSize);
    this.#take(fixed ?? this.#unsigned(head + 1, lengthSize));
  }

  #strOrBin(wanted: string): Uint8Array {
    const size = this.#strOrBinHeader(wanted);
    const start = this.#take(size);
    return this.#bytes.subarray(start, start + size);
  }

  /** Reads the header and gives the length of what follows. */
  #strOrBinHeader(wanted: string): number {
    const byte = this.#peekByte();
    if (byte >= 0xa0 && byte <= 0xbf) return this.#skipped(1, byte & 0x1f);
    const isStr = byte >= 0xd9 && byte <= 0xdb;
    if (!isStr && !(byte >= 0xc4 && byte <= 0xc6)) throw this.#unexpected(wanted);
    const lengthSize = 1 << (byte - (isStr ? 0xd9 : 0xc4));
    return this.#unsigned(this.#take(1 + lengthSize) + 1, lengthSize);
  }

  /** An unsigned integer of 1, 2 or 4 bytes that are known to be there. */
  #unsigned(at: number, size: number): number {
    let value = 0;
    for (let i = at; i < at + size; i += 1) value = value * 256 + (this.#bytes[i] ?? 0);
    return value;
  }

  #unsigned64(at: number): number | bigint {
    const value = this.#unsigned(at, 4) * 2 ** 32 + this.#unsigned(at + 4, 4);
    return Number.isSafeInteger(value) ? value : this.#viewOf(at, 8).getBigUint64(0);
  }

  #signed64(at: number): number | bigint {
    const value = (this.#unsigned(at, 4) | 0) * 2 ** 32 + this.#unsigned(at + 4, 4);
    return Number.isSafeInteger(value) ? value : this.#viewOf(at, 8).getBigInt64(0);
  }

  #viewOf(at: number, size: number): DataView {
    return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, size);
  }

  /** Moves on by `size` bytes and gives where they start. */
  #take(size: number): number {
    const start = this.#offset;
    if (start + size > this.#bytes.length) throw new DecodeError("truncated");
    this.#offset = start + size;
    return start;
  }

  #skipped(size: number, value: number): number {
    this.#offset += size;
    return value;
  }

  #count(count: number, bytesEach: number): number {
    if (count * bytesEach > this.#bytes.length - this.#offset) throw new DecodeError("truncated");
    return count;
  }

  #peekByte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) throw new DecodeError("truncated");
    return byte;
  }

  #unexpected(wanted: string): DecodeError {
    return new DecodeError(`expected ${wanted}, got ${this.peek()}`);
  }
}

const kindsFromC0: readonly (WireKind | undefined)[] = /* @__PURE__ */ [
  ["nil", undefined, "bool", "bool", "bin", "bin", "bin", "ext", "ext", "ext", "float", "float"],
  ["int", "int", "int", "int", "int", "int", "int", "int", "ext", "ext", "ext", "ext", "ext"],
  ["str", "str", "str", "array", "array", "map", "map"],
].flat() as (WireKind | undefined)[];

const fixedExtSizes: ReadonlyMap<number, number> = /* @__PURE__ */ new Map([
  [0xd4, 1],
  [0xd5, 2],
  [0xd6, 4],
  [0xd7, 8],
  [0xd8, 16],
]);

function fatalDecode(bytes: Uint8Array): string {
  try {
    return fatalUtf8.decode(bytes);
  } catch (cause) {
    throw new DecodeError("invalid UTF-8", { cause });
  }
}
