import { BackwardBits, ByteReader, highBit } from "./bits.ts";
import { ZstdError } from "./error.ts";
import { FseState, readFseTable } from "./fse.ts";

const maxBits = 11;
const maxWeights = 255;

/** For each value of the next `maxBits` bits: the symbol that they begin with, and how many of them it takes. */
export interface HuffmanTable {
  readonly maxBits: number;
  readonly symbols: Uint8Array;
  readonly bitCounts: Uint8Array;
}

/** Reads a tree description (RFC 8878 §4.2.1): a weight for each symbol but the last, which the others imply. */
export function readHuffmanTable(reader: ByteReader): HuffmanTable {
  const head = reader.byte();
  return buildTable(head < 128 ? compressedWeights(reader.take(head)) : directWeights(reader, head - 127));
}

function directWeights(reader: ByteReader, count: number): number[] {
  const bytes = reader.take((count + 1) >> 1);
  return [...bytes].flatMap((byte) => [byte >> 4, byte & 15]).slice(0, count);
}

/** Two states take turns, until one asks for more bits than there are. */
function compressedWeights(bytes: Uint8Array): number[] {
  const reader = new ByteReader(bytes);
  const table = readFseTable(reader, { accuracyLog: 6, symbols: maxWeights + 1 });
  const bits = new BackwardBits(reader.take(reader.remaining));
  let [current, other] = [new FseState(table, bits), new FseState(table, bits)];
  const weights: number[] = [];
  while (bits.left >= 0) {
    weights.push(current.symbol);
    if (weights.length > maxWeights) throw new ZstdError("a Huffman tree has too many symbols");
    current.advance();
    [current, other] = [other, current];
  }
  weights.push(current.symbol);
  return weights;
}

function buildTable(weights: readonly number[]): HuffmanTable {
  const sum = weights.reduce((total, weight) => total + (weight === 0 ? 0 : 2 ** (weight - 1)), 0);
  const bits = sum === 0 ? 0 : highBit(sum) + 1;
  const left = 2 ** bits - sum;
  if (bits === 0 || bits > maxBits || weights.length > maxWeights || (left & (left - 1)) !== 0) {
    throw new ZstdError("a Huffman tree is not complete");
  }
  return fillTable([...weights, highBit(left) + 1], bits);
}

/** The lightest symbols come first; one of weight w has 2^(w−1) entries. */
function fillTable(weights: readonly number[], bits: number): HuffmanTable {
  const symbols = new Uint8Array(1 << bits);
  const bitCounts = new Uint8Array(1 << bits);
  let at = 0;
  for (let weight = 1; weight <= bits; weight += 1) {
    for (const [symbol, own] of weights.entries()) {
      if (own !== weight) continue;
      const end = at + (1 << (weight - 1));
      symbols.fill(symbol, at, end);
      bitCounts.fill(bits + 1 - weight, at, end);
      at = end;
    }
  }
  return { maxBits: bits, symbols, bitCounts };
}

/** Fills `out` from one stream, which must end exactly there. */
export function decodeHuffman(table: HuffmanTable, stream: Uint8Array, out: Uint8Array): void {
  const bits = new BackwardBits(stream);
  const { symbols, bitCounts } = table;
  for (let i = 0; i < out.length; i += 1) {
    const index = bits.peek(table.maxBits);
    out[i] = symbols[index] ?? 0;
    bits.skip(bitCounts[index] ?? 0);
  }
  if (bits.left !== 0) throw new ZstdError("a literals stream has the wrong length");
}
