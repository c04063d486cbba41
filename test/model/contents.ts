import { createHash } from "node:crypto";
import { pattern } from "../support/two-devices.ts";

/** What a content is known by: a digest of its bytes, whatever its size. */
export type ContentKey = string;

export function keyOf(bytes: Uint8Array): ContentKey {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 16);
}

/** A content that was written. */
export interface Content {
  readonly key: ContentKey;
  readonly bytes: Uint8Array;
}

/** Bytes that make a content unlike all others. */
const markSize = 16;

/** Every content of a story. No two are equal, and many have one size: what is edited keeps its own. */
export class Contents {
  readonly #known = new Set<ContentKey>();
  #seed = 0;

  /** A new content of that size, and a few bytes more. */
  make(size: number): Content {
    return this.#unlike(() => pattern(size + markSize, this.#nextSeed()));
  }

  /** What `before` becomes when something is written into it; as long as it was. */
  edit(before: Uint8Array, offset: number, length: number): Content {
    const start = Math.min(offset, Math.max(0, before.length - markSize));
    const stop = Math.min(start + Math.max(length, markSize), before.length);
    return this.#unlike(() => laidOver(before, start, pattern(stop - start, this.#nextSeed())));
  }

  /** The first bytes of `before`, and then some. */
  truncate(before: Uint8Array, keep: number): Content {
    const kept = before.subarray(0, Math.min(keep, before.length));
    const size = kept.length + markSize;
    return this.#unlike(() => laidOver(pattern(size), 0, kept, pattern(markSize, this.#nextSeed())));
  }

  isKnown(key: ContentKey): boolean {
    return this.#known.has(key);
  }

  #nextSeed(): number {
    this.#seed += 1;
    return this.#seed;
  }

  #unlike(make: () => Uint8Array): Content {
    const bytes = make();
    const key = keyOf(bytes);
    if (this.#known.has(key)) throw new Error("two contents of the story would be equal");
    this.#known.add(key);
    return { key, bytes };
  }
}

function laidOver(before: Uint8Array, start: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const after = Uint8Array.from(before);
  let offset = start;
  for (const part of parts) {
    after.set(part, offset);
    offset += part.length;
  }
  return after;
}
