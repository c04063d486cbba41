import { BackwardBits, type ByteReader } from "./bits.ts";
import { ZstdError } from "./error.ts";
import { buildFseTable, constantFseTable, FseState, type FseTable, readFseTable } from "./fse.ts";
import { maxBlockSize } from "./literals.ts";
import type { Output } from "./output.ts";

/** What a block leaves to the next ones of its frame. */
export interface SequenceHistory {
  literalLengths?: FseTable;
  offsets?: FseTable;
  matchLengths?: FseTable;
  readonly recentOffsets: RecentOffsets;
}

/** The last three offsets of a frame, the latest first. */
export interface RecentOffsets {
  first: number;
  second: number;
  third: number;
}

/** One of the three kinds of codes in a sequence. */
interface CodeKind {
  readonly key: "literalLengths" | "offsets" | "matchLengths";
  readonly limits: { readonly accuracyLog: number; readonly symbols: number };
  readonly predefined: () => FseTable;
}

const literalLengths: CodeKind = {
  key: "literalLengths",
  limits: { accuracyLog: 9, symbols: 36 },
  predefined: /* @__PURE__ */ once(() =>
    buildFseTable(
      [4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1],
      6,
    ),
  ),
};
const offsets: CodeKind = {
  key: "offsets",
  limits: { accuracyLog: 8, symbols: 32 },
  predefined: /* @__PURE__ */ once(() =>
    buildFseTable([1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1], 5),
  ),
};
const matchLengths: CodeKind = {
  key: "matchLengths",
  limits: { accuracyLog: 9, symbols: 53 },
  predefined: /* @__PURE__ */ once(() =>
    buildFseTable([1, 4, 3, 2, 2, 2, 2, 2, 2, ...Array<number>(37).fill(1), -1, -1, -1, -1, -1, -1, -1], 6),
  ),
};

/** Extra bits of each code; the value of a code is the sum of those before it (RFC 8878 §3.1.1.3.2.1.1). */
const literalLengthBits = [
  ...Array<number>(16).fill(0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  6,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
];
const matchLengthBits = [
  ...Array<number>(32).fill(0),
  1,
  1,
  1,
  1,
  2,
  2,
  3,
  3,
  4,
  4,
  5,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
  16,
];
const literalLengthBases = bases(0, literalLengthBits);
const matchLengthBases = bases(3, matchLengthBits);

/** Offsets of more bits would lead before any output that we allow. */
const maxOffsetCode = 28;

/** The sequences section of a block (RFC 8878 §3.1.1.3.2): what to copy from the literals and from earlier output. */
export function applySequences(
  reader: ByteReader,
  literals: Uint8Array,
  history: SequenceHistory,
  output: Output,
): void {
  const start = output.size;
  const count = readCount(reader);
  let used = 0;
  if (count > 0) {
    const tables = readTables(reader, history);
    const bits = new BackwardBits(reader.take(reader.remaining));
    const states = tables.map((table) => new FseState(table, bits));
    const [literalState, offsetState, matchState] = states as [FseState, FseState, FseState];
    for (let i = 0; i < count; i += 1) {
      if (offsetState.symbol > maxOffsetCode) throw new ZstdError("an offset is too large");
      const offsetValue = 2 ** offsetState.symbol + bits.read(offsetState.symbol);
      const matchLength = lengthOf(matchState, bits, matchLengthBases, matchLengthBits);
      const literalLength = lengthOf(literalState, bits, literalLengthBases, literalLengthBits);
      if (used + literalLength > literals.length) throw new ZstdError("a sequence has more literals than there are");
      if (output.size - start + literalLength + matchLength > maxBlockSize) throw new ZstdError("a block is too large");
      output.append(literals, used, used + literalLength);
      used += literalLength;
      output.repeat(takeOffset(history.recentOffsets, offsetValue, literalLength), matchLength);
      if (i === count - 1) break;
      literalState.advance();
      matchState.advance();
      offsetState.advance();
    }
    if (bits.left !== 0) throw new ZstdError("the sequences have the wrong length");
  }
  if (output.size - start + literals.length - used > maxBlockSize) throw new ZstdError("a block is too large");
  output.append(literals, used, literals.length);
}

function readCount(reader: ByteReader): number {
  const first = reader.byte();
  if (first < 128) return first;
  return first < 255 ? (first - 128) * 256 + reader.byte() : reader.integer(2) + 0x7f00;
}

function readTables(reader: ByteReader, history: SequenceHistory): FseTable[] {
  const modes = reader.byte();
  if ((modes & 3) !== 0) throw new ZstdError("a reserved bit is set");
  return [literalLengths, offsets, matchLengths].map((kind, i) => {
    const table = readTable(reader, kind, (modes >> (6 - 2 * i)) & 3, history);
    history[kind.key] = table;
    return table;
  });
}

function readTable(reader: ByteReader, kind: CodeKind, mode: number, history: SequenceHistory): FseTable {
  if (mode === 0) return kind.predefined();
  if (mode === 2) return readFseTable(reader, kind.limits);
  if (mode === 1) {
    const symbol = reader.byte();
    if (symbol >= kind.limits.symbols) throw new ZstdError("an unknown code");
    return constantFseTable(symbol);
  }
  const previous = history[kind.key];
  if (previous === undefined) throw new ZstdError("the first block has no table to repeat");
  return previous;
}

function lengthOf(state: FseState, bits: BackwardBits, from: readonly number[], extra: readonly number[]): number {
  const code = state.symbol;
  return (from[code] ?? 0) + bits.read(extra[code] ?? 0);
}

/** The offset of a sequence: values 1 to 3 stand for recent ones, shifted by one when there are no literals. */
function takeOffset(recent: RecentOffsets, value: number, literalLength: number): number {
  const index = value > 3 ? 3 : value - (literalLength > 0 ? 1 : 0);
  if (index === 0) return recent.first;
  const { first, second, third } = recent;
  recent.first = offsetOf(recent, value, index);
  recent.second = first;
  recent.third = index === 1 ? third : second;
  return recent.first;
}

function offsetOf({ first, second, third }: RecentOffsets, value: number, index: number): number {
  if (value > 3) return value - 3;
  if (index === 1) return second;
  return index === 2 ? third : first - 1;
}

function bases(first: number, extraBits: readonly number[]): number[] {
  let base = first;
  return extraBits.map((bits) => {
    const own = base;
    base += 2 ** bits;
    return own;
  });
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
