/** ASN.1 tags in use. */
export const derTag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
} as const;

/** Why bytes are not the DER that was expected. Internal: the callers turn it into their own typed error. */
export class DerSyntaxError extends Error {}

/** Reads DER strictly: definite lengths in their shortest form, nothing after the last value. */
export class DerReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  /** The content of the next value, which must have this tag. */
  read(tag: number): Uint8Array {
    if (this.#byte() !== tag) throw new DerSyntaxError("unexpected ASN.1 tag");
    const length = this.#length();
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw new DerSyntaxError("truncated");
    const content = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return content;
  }

  /** The next value, a sequence, as a reader of its own. */
  readSequence(): DerReader {
    return new DerReader(this.read(derTag.sequence));
  }

  /** The magnitude of the next value, a non-negative integer: no leading zero, at least one byte. */
  readInteger(): Uint8Array {
    const content = this.read(derTag.integer);
    const first = content[0];
    const second = content[1];
    if (first === undefined) throw new DerSyntaxError("empty integer");
    if (first >= 0x80) throw new DerSyntaxError("negative integer");
    if (first !== 0 || second === undefined) return content;
    if (second < 0x80) throw new DerSyntaxError("integer not in its shortest form");
    return content.subarray(1);
  }

  readNull(): void {
    if (this.read(derTag.null).length !== 0) throw new DerSyntaxError("NULL with content");
  }

  expectEnd(): void {
    if (!this.atEnd) throw new DerSyntaxError("bytes after the end");
  }

  #byte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) throw new DerSyntaxError("truncated");
    this.#offset += 1;
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const size = first & 0x7f;
    if (size === 0 || size > 4) throw new DerSyntaxError("unsupported length");
    let length = 0;
    for (let i = 0; i < size; i += 1) length = length * 256 + this.#byte();
    if (length < 0x80 || length < 256 ** (size - 1)) throw new DerSyntaxError("length not in its shortest form");
    return length;
  }
}
