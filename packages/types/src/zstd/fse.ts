import { type BackwardBits, type ByteReader, highBit } from "./bits.ts";
import { ZstdError } from "./error.ts";

/** A table of finite state entropy (RFC 8878 §4.1): what each state stands for, and how it leads to the next. */
export interface FseTable {
  readonly accuracyLog: number;
  readonly symbols: Uint8Array;
  readonly bitCounts: Uint8Array;
  readonly baselines: Uint16Array;
}

/** The table of a single symbol, that takes no bits. */
export function constantFseTable(symbol: number): FseTable {
  return {
    accuracyLog: 0,
    symbols: Uint8Array.of(symbol),
    bitCounts: new Uint8Array(1),
    baselines: new Uint16Array(1),
  };
}

/** Reads a table description: the probability of each symbol, in a varying number of bits. */
export function readFseTable(reader: ByteReader, limits: { accuracyLog: number; symbols: number }): FseTable {
  const bits = new ForwardBits(reader);
  const accuracyLog = bits.read(4) + 5;
  if (accuracyLog > limits.accuracyLog) throw new ZstdError("an entropy table is too large");
  const counts: number[] = [];
  let remaining = 1 << accuracyLog;
  while (remaining > 0) {
    const count = readCount(bits, remaining);
    remaining -= Math.abs(count);
    counts.push(count);
    if (count === 0) readZeroes(bits, counts);
    if (counts.length > limits.symbols) throw new ZstdError("an entropy table has too many symbols");
  }
  bits.finish();
  return buildFseTable(counts, accuracyLog);
}

/** A probability of −1 ("less than one") to `remaining`: small values take one bit less. */
function readCount(bits: ForwardBits, remaining: number): number {
  const size = highBit(remaining + 1);
  const low = bits.read(size);
  const short = 2 ** (size + 1) - 2 - remaining;
  if (low < short) return low - 1;
  return bits.read(1) === 0 ? low - 1 : low + 2 ** size - short - 1;
}

/** After a zero: two bits say how many more follow, and 3 says that two more bits come. */
function readZeroes(bits: ForwardBits, counts: number[]): void {
  let more: number;
  do {
    more = bits.read(2);
    for (let i = 0; i < more; i += 1) counts.push(0);
  } while (more === 3);
}

/** Spreads the symbols over the states (RFC 8878 §4.1.1). */
export function buildFseTable(counts: readonly number[], accuracyLog: number): FseTable {
  const size = 1 << accuracyLog;
  const symbols = new Uint8Array(size);
  const next = new Uint16Array(counts.length);
  let high = size;
  for (const [symbol, count] of counts.entries()) {
    if (count === -1) {
      high -= 1;
      symbols[high] = symbol;
    }
    next[symbol] = Math.abs(count);
  }
  spread(counts, symbols, high);
  const bitCounts = new Uint8Array(size);
  const baselines = new Uint16Array(size);
  for (let state = 0; state < size; state += 1) {
    const symbol = symbols[state] ?? 0;
    const position = next[symbol] ?? 0;
    next[symbol] = position + 1;
    const bitCount = accuracyLog - highBit(position);
    bitCounts[state] = bitCount;
    baselines[state] = (position << bitCount) - size;
  }
  return { accuracyLog, symbols, bitCounts, baselines };
}

/** Symbols of a probability of 1 and more, in steps that visit every state below `high`. */
function spread(counts: readonly number[], symbols: Uint8Array, high: number): void {
  const size = symbols.length;
  const step = (size >> 1) + (size >> 3) + 3;
  let state = 0;
  for (const [symbol, count] of counts.entries()) {
    for (let i = 0; i < count; i += 1) {
      symbols[state] = symbol;
      do {
        state = (state + step) & (size - 1);
      } while (state >= high);
    }
  }
}

/** A state that moves through a table as bits are read. */
export class FseState {
  readonly #table: FseTable;
  readonly #bits: BackwardBits;
  #state: number;

  constructor(table: FseTable, bits: BackwardBits) {
    this.#table = table;
    this.#bits = bits;
    this.#state = bits.read(table.accuracyLog);
  }

  get symbol(): number {
    return this.#table.symbols[this.#state] ?? 0;
  }

  advance(): void {
    const count = this.#table.bitCounts[this.#state] ?? 0;
    this.#state = (this.#table.baselines[this.#state] ?? 0) + this.#bits.read(count);
  }
}

/** Bits in the order of the bytes, the lowest first. */
class ForwardBits {
  readonly #reader: ByteReader;
  #buffer = 0;
  #buffered = 0;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** At most 16 bits. */
  read(count: number): number {
    while (this.#buffered < count) {
      this.#buffer |= this.#reader.byte() << this.#buffered;
      this.#buffered += 8;
    }
    const value = this.#buffer & ((1 << count) - 1);
    this.#buffer >>>= count;
    this.#buffered -= count;
    return value;
  }

  /** Leaves the rest of the byte: what follows starts with a whole one. */
  finish(): void {
    this.#buffered = 0;
  }
}
