import type { ByteReader } from "./bits.ts";
import { ZstdError } from "./error.ts";
import { decodeHuffman, type HuffmanTable, readHuffmanTable } from "./huffman.ts";

/** Most bytes that one block may give. */
export const maxBlockSize = 128 * 1024;

/** What a block leaves to the next ones of its frame. */
export interface HuffmanHistory {
  huffman?: HuffmanTable;
}

const raw = 0;
const rle = 1;
const compressed = 2;

/** The literals section of a block (RFC 8878 §3.1.1.3.1): bytes that the sequences will copy. */
export function readLiterals(reader: ByteReader, history: HuffmanHistory): Uint8Array {
  const first = reader.byte();
  const type = first & 3;
  const format = (first >> 2) & 3;
  if (type === raw || type === rle) {
    const size = readSize(reader, first, format);
    return type === raw ? reader.take(size) : new Uint8Array(size).fill(reader.byte());
  }
  return readHuffmanLiterals(reader, history, { first, format, hasTree: type === compressed });
}

function readSize(reader: ByteReader, first: number, format: number): number {
  if ((format & 1) === 0) return first >> 3;
  return checkedSize((first >> 4) + 16 * reader.integer(format === 1 ? 1 : 2));
}

function readHuffmanLiterals(
  reader: ByteReader,
  history: HuffmanHistory,
  { first, format, hasTree }: { readonly first: number; readonly format: number; readonly hasTree: boolean },
): Uint8Array {
  // Two sizes of 10, 10, 14 or 18 bits each, after the four bits of type and format.
  const sizeBits = [10, 10, 14, 18][format] ?? 18;
  const sizes = (first >> 4) + 16 * reader.integer((2 * sizeBits + 4) / 8 - 1);
  const size = checkedSize(sizes % 2 ** sizeBits);
  const start = reader.offset;
  const compressedSize = Math.floor(sizes / 2 ** sizeBits);
  if (hasTree) history.huffman = readHuffmanTable(reader);
  if (history.huffman === undefined) throw new ZstdError("the first block has no Huffman tree");
  const streams = reader.take(compressedSize - (reader.offset - start));
  const out = new Uint8Array(size);
  if (format === 0) decodeHuffman(history.huffman, streams, out);
  else decodeFourStreams(history.huffman, streams, out);
  return out;
}

/** A table of three lengths, then four streams that give a quarter each. */
function decodeFourStreams(table: HuffmanTable, streams: Uint8Array, out: Uint8Array): void {
  const quarter = (out.length + 3) >> 2;
  if (streams.length < 6 || 3 * quarter > out.length) throw new ZstdError("the literals streams are truncated");
  const lengths = new DataView(streams.buffer, streams.byteOffset, 6);
  let at = 6;
  for (let i = 0; i < 4; i += 1) {
    const end = i < 3 ? at + lengths.getUint16(2 * i, true) : streams.length;
    if (end > streams.length) throw new ZstdError("the literals streams are truncated");
    decodeHuffman(table, streams.subarray(at, end), out.subarray(i * quarter, i < 3 ? (i + 1) * quarter : out.length));
    at = end;
  }
}

function checkedSize(size: number): number {
  if (size > maxBlockSize) throw new ZstdError("a block is too large");
  return size;
}
