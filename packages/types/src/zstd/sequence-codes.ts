import type { ByteReader } from "./bits.ts";
import { ZstdError } from "./error.ts";
import { buildFseTable, constantFseTable, type FseTable, readFseTable } from "./fse.ts";

/** The tables of the last block, that the next ones of its frame may use again. */
export interface TableHistory {
  literalLengths?: FseTable;
  offsets?: FseTable;
  matchLengths?: FseTable;
}

/** One of the three kinds of codes in a sequence (RFC 8878 §3.1.1.3.2.1). */
interface CodeKind {
  readonly key: keyof TableHistory;
  readonly limits: { readonly accuracyLog: number; readonly symbols: number };
  readonly predefined: () => FseTable;
}

const kinds: readonly CodeKind[] = [
  {
    key: "literalLengths",
    limits: { accuracyLog: 9, symbols: 36 },
    predefined: predefined(6, "4 3 2 2 2 2 2 2 2 2 2 2 2 1 1 1 2 2 2 2 2 2 2 2 2 3 2 1 1 1 1 1 -1 -1 -1 -1"),
  },
  {
    key: "offsets",
    limits: { accuracyLog: 8, symbols: 32 },
    predefined: predefined(5, "1 1 1 1 1 1 2 2 2 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 -1 -1 -1 -1 -1"),
  },
  {
    key: "matchLengths",
    limits: { accuracyLog: 9, symbols: 53 },
    predefined: predefined(6, `1 4 3 2 2 2 2 2 2 ${"1 ".repeat(37)}-1 -1 -1 -1 -1 -1 -1`),
  },
];

/** How a code becomes a length: it stands for `bases[code]`, plus `extraBits[code]` bits that follow. */
export interface LengthCodes {
  readonly bases: readonly number[];
  readonly extraBits: readonly number[];
}

export const literalLengthCodes = lengthCodes(0, `${"0 ".repeat(16)}1 1 1 1 2 2 3 3 4 6 7 8 9 10 11 12 13 14 15 16`);
export const matchLengthCodes = lengthCodes(3, `${"0 ".repeat(32)}1 1 1 1 2 2 3 3 4 4 5 7 8 9 10 11 12 13 14 15 16`);

/** The tables of a block, in the order literal lengths, offsets, match lengths. */
export function readTables(reader: ByteReader, history: TableHistory): FseTable[] {
  const modes = reader.byte();
  if ((modes & 3) !== 0) throw new ZstdError("a reserved bit is set");
  return kinds.map((kind, i) => {
    const table = readTable(reader, kind, (modes >> (6 - 2 * i)) & 3, history);
    history[kind.key] = table;
    return table;
  });
}

function readTable(reader: ByteReader, kind: CodeKind, mode: number, history: TableHistory): FseTable {
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

/** A table that needs no description, built on first use. */
function predefined(accuracyLog: number, counts: string): () => FseTable {
  let table: FseTable | undefined;
  return () => {
    table ??= buildFseTable(numbers(counts), accuracyLog);
    return table;
  };
}

/** Each code starts where the one before it ends. */
function lengthCodes(first: number, bits: string): LengthCodes {
  const extraBits = numbers(bits);
  let base = first;
  const bases = extraBits.map((count) => {
    const own = base;
    base += 2 ** count;
    return own;
  });
  return { bases, extraBits };
}

function numbers(text: string): number[] {
  return text.split(" ").map(Number);
}
