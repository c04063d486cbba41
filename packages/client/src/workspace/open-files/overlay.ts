import type { DateTime } from "@parsec/types";

/** Bytes that were written at `start`, and are in memory. */
export interface Extent {
  readonly start: number;
  readonly data: Uint8Array;
}

/** The bytes of an extent, in a buffer that may have room for more of them. */
interface Stretch {
  start: number;
  buffer: Uint8Array;
  length: number;
}

/**
 * What was written to a file and is not stored yet, as a layer on any content: the content as far as it was not cut off,
 * then what was written, in a file that long. Laying it on a content that has it already changes nothing.
 */
export class Overlay {
  /** By ascending start, none touching another. */
  #stretches: Stretch[] = [];
  /** What lies beneath counts up to here. */
  #cut = Number.POSITIVE_INFINITY;
  /** How long the file is, once somebody has said so; else as long as what is beneath, and as what was written. */
  #length: number | undefined;
  #bytes = 0;
  #updated: DateTime | undefined;

  /** When it was last changed; `undefined` while there is nothing. */
  get updated(): DateTime | undefined {
    return this.#updated;
  }

  get isEmpty(): boolean {
    return this.#updated === undefined;
  }

  /** How many bytes it holds. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many pieces they are in. */
  get pieces(): number {
    return this.#stretches.length;
  }

  get cut(): number {
    return this.#cut;
  }

  /** How long the file is, on a content that long. */
  sizeOn(size: number): number {
    if (this.#length !== undefined) return this.#length;
    const last = this.#stretches.at(-1);
    return last === undefined ? size : Math.max(size, endOf(last));
  }

  extents(): readonly Extent[] {
    return this.#stretches.map(({ start, buffer, length }) => ({ start, data: buffer.subarray(0, length) }));
  }

  /** Copies of what was written between `start` and `stop`. */
  within(start: number, stop: number): readonly Extent[] {
    const found: Extent[] = [];
    for (let at = this.#firstEndingAfter(start); at < this.#stretches.length; at += 1) {
      const stretch = this.#stretches[at];
      if (stretch === undefined || stretch.start >= stop) break;
      const from = Math.max(start, stretch.start);
      const to = Math.min(stop, endOf(stretch));
      found.push({ start: from, data: stretch.buffer.slice(from - stretch.start, to - stretch.start) });
    }
    return found;
  }

  /** Whether nothing of what is beneath shows between `start` and `stop`. */
  covers(start: number, stop: number): boolean {
    if (start >= this.#cut) return true;
    const stretch = this.#stretches[this.#firstEndingAfter(start)];
    return stretch !== undefined && stretch.start <= start && endOf(stretch) >= Math.min(stop, this.#cut);
  }

  /** The bytes are copied. */
  write(start: number, data: Uint8Array, time: DateTime): void {
    if (data.length === 0) return;
    this.#updated = time;
    const stop = start + data.length;
    if (this.#length !== undefined) this.#length = Math.max(this.#length, stop);
    // Those that overlap or touch it.
    const first = this.#firstEndingAfter(start - 1);
    let next = first;
    while ((this.#stretches[next]?.start ?? Number.POSITIVE_INFINITY) <= stop) next += 1;
    const host = this.#stretches[first];
    if (host !== undefined && next === first + 1 && host.start <= start) {
      this.#bytes += put(host, start - host.start, data);
      return;
    }
    const joined = join(this.#stretches.slice(first, next), start, data);
    for (const { length } of this.#stretches.splice(first, next - first, joined)) this.#bytes -= length;
    this.#bytes += joined.length;
  }

  /** Cuts the file, which is `size` bytes long, or makes it longer with zeros. */
  resize(length: number, size: number, time: DateTime): void {
    if (length === size) return;
    this.#updated = time;
    this.#length = length;
    if (length > size) {
      // What is beneath may be longer by the time that this is laid on it.
      this.#cut = Math.min(this.#cut, size);
      return;
    }
    this.#cut = Math.min(this.#cut, length);
    const kept: Stretch[] = [];
    for (const stretch of this.#stretches) {
      if (stretch.start >= length) continue;
      kept.push({ ...stretch, length: Math.min(stretch.length, length - stretch.start) });
    }
    this.#stretches = kept;
    this.#bytes = kept.reduce((sum, stretch) => sum + stretch.length, 0);
  }

  clear(): void {
    this.#stretches = [];
    this.#cut = Number.POSITIVE_INFINITY;
    this.#length = undefined;
    this.#bytes = 0;
    this.#updated = undefined;
  }

  /** The first stretch that ends after `offset`. */
  #firstEndingAfter(offset: number): number {
    let low = 0;
    let high = this.#stretches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const stretch = this.#stretches[middle];
      if (stretch !== undefined && endOf(stretch) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function endOf({ start, length }: Stretch): number {
  return start + length;
}

/** Writes into a stretch, or on from its end. Gives by how much it grew. */
function put(stretch: Stretch, at: number, data: Uint8Array): number {
  const length = Math.max(stretch.length, at + data.length);
  if (length > stretch.buffer.length) {
    // Twice as large, so that many small writes cost what they hold.
    const larger = new Uint8Array(Math.max(length, 2 * stretch.buffer.length));
    larger.set(stretch.buffer.subarray(0, stretch.length));
    stretch.buffer = larger;
  }
  stretch.buffer.set(data, at);
  const growth = length - stretch.length;
  stretch.length = length;
  return growth;
}

function join(stretches: readonly Stretch[], start: number, data: Uint8Array): Stretch {
  const first = stretches[0];
  const last = stretches.at(-1);
  const from = Math.min(start, first?.start ?? start);
  const to = Math.max(start + data.length, last === undefined ? 0 : endOf(last));
  const buffer = new Uint8Array(to - from);
  for (const { start: at, buffer: bytes, length } of stretches) buffer.set(bytes.subarray(0, length), at - from);
  buffer.set(data, start - from);
  return { start: from, buffer, length: buffer.length };
}
