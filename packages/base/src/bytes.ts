import { requireBytes, requireText } from "./argument.ts";

const utf8Encoder = /* @__PURE__ */ new TextEncoder();

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  requireText("text", text);
  return utf8Encoder.encode(text);
}

/** A few parts, one after the other. For any number of them there is {@link joinBytes}. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return joinBytes(parts);
}

/** Parts, one after the other. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

/** Gathers bytes that come in parts, however many and small: it takes little more room than they do. */
export class ByteCollector {
  #bytes: Uint8Array = new Uint8Array();
  #size = 0;
  /** The bytes are our copy, which may be written to. */
  #isOwn = false;

  get size(): number {
    return this.#size;
  }

  add(part: Uint8Array): void {
    requireBytes("part", part);
    // What comes in one part is most often all there is: it is not copied.
    if (this.#size === 0) this.#bytes = part;
    else this.#append(part);
    this.#size += part.length;
  }

  /** All of them. Nothing may be added any more. */
  bytes(): Uint8Array {
    return this.#bytes.length === this.#size ? this.#bytes : this.#bytes.subarray(0, this.#size);
  }

  #append(part: Uint8Array): void {
    const size = this.#size + part.length;
    if (size > this.#bytes.length || !this.#isOwn) {
      const grown = new Uint8Array(Math.max(size, 2 * this.#size));
      grown.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = grown;
      this.#isOwn = true;
    }
    this.#bytes.set(part, this.#size);
  }
}

/** Compares every byte whatever the outcome, so that the time taken tells only the length. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  requireBytes("a", a);
  requireBytes("b", b);
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Character codes of the digits. */
const hexDigits = /* @__PURE__ */ Uint8Array.from("0123456789abcdef", (digit) => digit.charCodeAt(0));

/** Lower-case hex digits, two a byte, of `bytes` or of a part of them. */
export function toHex(bytes: Uint8Array, start = 0, end?: number): string {
  requireBytes("bytes", bytes);
  const last = end ?? bytes.length;
  let text = "";
  for (let at = start; at < last; at += hexChunk) text += chunkToHex(bytes, at, Math.min(at + hexChunk, last));
  return text;
}

/** An id in one piece: ids are what is shown in hex most often, and joining many short texts is slow. */
const hexChunk = 32;

/** Used again each time: ids are made by the thousand. */
const codes: number[] = [];

function chunkToHex(bytes: Uint8Array, start: number, end: number): string {
  if (codes.length !== 2 * (end - start)) codes.length = 2 * (end - start);
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    const i = 2 * (at - start);
    codes[i] = hexDigits[byte >> 4] ?? 0;
    codes[i + 1] = hexDigits[byte & 15] ?? 0;
  }
  return String.fromCharCode(...codes);
}

/** The bytes of hex digits of any case; `undefined` when the text is not hex or has an odd length. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  requireText("text", text);
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
