import { pattern } from "../support/two-devices.ts";

/** A content that was written, told apart from all others by its size. */
export interface Content {
  readonly size: number;
  readonly bytes: Uint8Array;
}

/** Every content of a story. No two have one size, so that a listing tells what is where without reading. */
export class Contents {
  readonly #bySize = new Map<number, Content>();
  #seed = 0;

  /** A new content of about that size. */
  make(size: number): Content {
    this.#seed += 1;
    return this.#add(pattern(this.#free(size + 16), this.#seed));
  }

  /** What `before` becomes when something is written into it; a little longer, so that it is told apart. */
  edit(before: Uint8Array, offset: number, length: number): Content {
    const start = Math.min(offset, before.length);
    const stop = Math.min(start + length, before.length);
    const after = new Uint8Array(this.#free(before.length + 1));
    this.#seed += 1;
    after.set(before);
    after.set(pattern(stop - start, this.#seed), start);
    return this.#add(after);
  }

  /** The first bytes of `before`, and then some. */
  truncate(before: Uint8Array, keep: number): Content {
    const size = this.#free(Math.min(keep, before.length) + 16);
    const after = pattern(size, size);
    after.set(before.subarray(0, Math.min(keep, before.length)));
    return this.#add(after);
  }

  /** A size that no content has, this one or a little more. */
  #free(size: number): number {
    let free = size;
    while (this.#bySize.has(free)) free += 1;
    return free;
  }

  #add(bytes: Uint8Array): Content {
    const content = { size: bytes.length, bytes };
    this.#bySize.set(content.size, content);
    return content;
  }

  isKnown(bytes: Uint8Array): boolean {
    const known = this.#bySize.get(bytes.length);
    return known !== undefined && Buffer.compare(known.bytes, bytes) === 0;
  }
}
