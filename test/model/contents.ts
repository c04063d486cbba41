import { pattern } from "../support/two-devices.ts";

/** A content that was written, told apart from all others by its size. */
export interface Content {
  readonly size: number;
  /** Several when it was written over in place, at the same size: any of them may be found. */
  readonly variants: Uint8Array[];
}

/** Every content of a story. No two have one size, so that a listing tells what is where without reading. */
export class Contents {
  readonly #bySize = new Map<number, Content>();
  #seed = 0;

  /** A new content of about that size. */
  make(size: number): Content {
    let free = size + 16;
    while (this.#bySize.has(free)) free += 1;
    this.#seed += 1;
    return this.#add(pattern(free, this.#seed));
  }

  /** What `before` becomes when something is written into it. */
  edit(before: Uint8Array, offset: number, length: number): Content {
    const start = Math.min(offset, before.length);
    const stop = Math.min(start + length, before.length);
    const after = before.slice();
    this.#seed += 1;
    after.set(pattern(stop - start, this.#seed), start);
    const known = this.#bySize.get(after.length);
    if (known === undefined) return this.#add(after);
    known.variants.push(after);
    return known;
  }

  /** The first bytes of `before`, and then some. */
  truncate(before: Uint8Array, keep: number): Content {
    let size = Math.min(keep, before.length) + 16;
    while (this.#bySize.has(size)) size += 1;
    const after = pattern(size, size);
    after.set(before.subarray(0, Math.min(keep, before.length)));
    return this.#add(after);
  }

  #add(bytes: Uint8Array): Content {
    const content = { size: bytes.length, variants: [bytes] };
    this.#bySize.set(content.size, content);
    return content;
  }

  /** Whether only one content of that size was ever written. */
  isUnique(size: number): boolean {
    return this.#bySize.get(size)?.variants.length === 1;
  }

  isKnown(bytes: Uint8Array): boolean {
    return this.#bySize.get(bytes.length)?.variants.some((variant) => Buffer.compare(variant, bytes) === 0) ?? false;
  }
}
