import { BackwardBits, type ByteReader } from "./bits.ts";
import { ZstdError } from "./error.ts";
import { FseState, type FseTable } from "./fse.ts";
import { maxBlockSize } from "./literals.ts";
import type { Output } from "./output.ts";
import {
  type LengthCodes,
  literalLengthCodes,
  matchLengthCodes,
  readTables,
  type TableHistory,
} from "./sequence-codes.ts";

/** What a block leaves to the next ones of its frame. */
export interface SequenceHistory extends TableHistory {
  readonly recentOffsets: RecentOffsets;
}

/** The last three offsets of a frame, the latest first. */
export interface RecentOffsets {
  first: number;
  second: number;
  third: number;
}

/** Offsets of more bits would lead before any output that we allow. */
const maxOffsetCode = 28;

/** The sequences section of a block (RFC 8878 §3.1.1.3.2): what to copy from the literals and from earlier output. */
export function applySequences(
  reader: ByteReader,
  literals: Uint8Array,
  history: SequenceHistory,
  output: Output,
): void {
  const limit = output.size + maxBlockSize;
  const count = readCount(reader);
  const used = count === 0 ? 0 : runSequences(reader, { count, literals, history, output, limit });
  if (output.size + literals.length - used > limit) throw new ZstdError("a block is too large");
  output.append(literals, used, literals.length);
}

interface Run {
  readonly count: number;
  readonly literals: Uint8Array;
  readonly history: SequenceHistory;
  readonly output: Output;
  /** The most bytes that the output may have after this block. */
  readonly limit: number;
}

/** Gives the number of literals that the sequences have used. */
function runSequences(reader: ByteReader, { count, literals, history, output, limit }: Run): number {
  const tables = readTables(reader, history);
  const sequences = new SequenceReader(tables, reader.take(reader.remaining));
  let used = 0;
  for (let i = 0; i < count; i += 1) {
    if (i > 0) sequences.advance();
    sequences.read();
    const { literalLength, matchLength, offsetValue } = sequences;
    if (used + literalLength > literals.length) throw new ZstdError("a sequence has more literals than there are");
    if (output.size + literalLength + matchLength > limit) throw new ZstdError("a block is too large");
    output.append(literals, used, used + literalLength);
    output.repeat(takeOffset(history.recentOffsets, offsetValue, literalLength), matchLength);
    used += literalLength;
  }
  sequences.finish();
  return used;
}

function readCount(reader: ByteReader): number {
  const first = reader.byte();
  if (first < 128) return first;
  return first < 255 ? (first - 128) * 256 + reader.byte() : reader.integer(2) + 0x7f00;
}

/** Reads one sequence after the other into its properties. */
class SequenceReader {
  literalLength = 0;
  matchLength = 0;
  offsetValue = 0;
  readonly #bits: BackwardBits;
  readonly #literalLengths: FseState;
  readonly #offsets: FseState;
  readonly #matchLengths: FseState;

  constructor([literalLengths, offsets, matchLengths]: readonly FseTable[], bytes: Uint8Array) {
    if (literalLengths === undefined || offsets === undefined || matchLengths === undefined) {
      throw new ZstdError("a table is missing");
    }
    this.#bits = new BackwardBits(bytes);
    this.#literalLengths = new FseState(literalLengths, this.#bits);
    this.#offsets = new FseState(offsets, this.#bits);
    this.#matchLengths = new FseState(matchLengths, this.#bits);
  }

  read(): void {
    const code = this.#offsets.symbol;
    if (code > maxOffsetCode) throw new ZstdError("an offset is too large");
    this.offsetValue = 2 ** code + this.#bits.read(code);
    this.matchLength = this.#length(this.#matchLengths, matchLengthCodes);
    this.literalLength = this.#length(this.#literalLengths, literalLengthCodes);
  }

  advance(): void {
    this.#literalLengths.advance();
    this.#matchLengths.advance();
    this.#offsets.advance();
  }

  finish(): void {
    if (this.#bits.left !== 0) throw new ZstdError("the sequences have the wrong length");
  }

  #length(state: FseState, { bases, extraBits }: LengthCodes): number {
    const code = state.symbol;
    return (bases[code] ?? 0) + this.#bits.read(extraBits[code] ?? 0);
  }
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
