import { utf8 } from "@parsec/base";

/** Writes msgpack in the one form of spec 02 §1.1: shortest headers, non-negative integers unsigned, floats of 64 bits. */
export class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #size = 0;

  /** A copy of what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#size);
  }

  nil(): void {
    this.#byte(0xc0);
  }

  bool(value: boolean): void {
    this.#byte(value ? 0xc3 : 0xc2);
  }

  /** An integer of at most 2^53−1 in magnitude. */
  int(value: number): void {
    if (value >= 0) this.#unsigned(value);
    else this.#negative(value);
  }

  float(value: number): void {
    this.#put(0xcb, 8, (view, at) => view.setFloat64(at, value));
  }

  str(text: string): void {
    const bytes = utf8(text);
    const size = bytes.length;
    if (size < 32) this.#byte(0xa0 | size);
    else this.#sized([0xd9, 0xda, 0xdb], size);
    this.raw(bytes);
  }

  bin(bytes: Uint8Array): void {
    this.#sized([0xc4, 0xc5, 0xc6], bytes.length);
    this.raw(bytes);
  }

  /** An extension of 8 or 16 bytes. */
  ext(type: number, payload: Uint8Array): void {
    this.#byte(payload.length === 8 ? 0xd7 : 0xd8);
    this.#byte(type);
    this.raw(payload);
  }

  arrayHeader(count: number): void {
    if (count < 16) this.#byte(0x90 | count);
    else this.#sized([undefined, 0xdc, 0xdd], count);
  }

  mapHeader(count: number): void {
    if (count < 16) this.#byte(0x80 | count);
    else this.#sized([undefined, 0xde, 0xdf], count);
  }

  /** Bytes that are msgpack already. */
  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  #unsigned(value: number): void {
    if (value < 0x80) this.#byte(value);
    else if (value < 0x100) this.#put(0xcc, 1, (view, at) => view.setUint8(at, value));
    else if (value < 0x1_0000) this.#put(0xcd, 2, (view, at) => view.setUint16(at, value));
    else if (value < 0x1_0000_0000) this.#put(0xce, 4, (view, at) => view.setUint32(at, value));
    else this.#put(0xcf, 8, (view, at) => view.setBigUint64(at, BigInt(value)));
  }

  #negative(value: number): void {
    if (value >= -0x20) this.#byte(value + 0x100);
    else if (value >= -0x80) this.#put(0xd0, 1, (view, at) => view.setInt8(at, value));
    else if (value >= -0x8000) this.#put(0xd1, 2, (view, at) => view.setInt16(at, value));
    else if (value >= -0x8000_0000) this.#put(0xd2, 4, (view, at) => view.setInt32(at, value));
    else this.#put(0xd3, 8, (view, at) => view.setBigInt64(at, BigInt(value)));
  }

  /** A length, after the first byte that fits among those for 8, 16 and 32 bits. */
  #sized([for8, for16, for32]: readonly [number | undefined, number, number], size: number): void {
    if (for8 !== undefined && size < 0x100) this.#put(for8, 1, (view, at) => view.setUint8(at, size));
    else if (size < 0x1_0000) this.#put(for16, 2, (view, at) => view.setUint16(at, size));
    else this.#put(for32, 4, (view, at) => view.setUint32(at, size));
  }

  /** The view is taken after the room was made: making room may replace it. */
  #put(byte: number, payloadSize: number, write: (view: DataView, at: number) => void): void {
    this.#byte(byte);
    const at = this.#reserve(payloadSize);
    write(this.#view, at);
  }

  #byte(byte: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = byte;
  }

  #reserve(size: number): number {
    const start = this.#size;
    this.#size += size;
    if (this.#size > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#size, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return start;
  }
}

/** The msgpack bytes of a text, to write or to recognise it without encoding it each time. */
export function encodedStr(text: string): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  writer.str(text);
  return writer.finish();
}
