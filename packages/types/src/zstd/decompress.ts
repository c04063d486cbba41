import { ByteReader } from "./bits.ts";
import { ZstdError } from "./error.ts";
import { type HuffmanHistory, maxBlockSize, readLiterals } from "./literals.ts";
import { Output } from "./output.ts";
import { applySequences, type SequenceHistory } from "./sequences.ts";

const magic = 0xfd2fb528;
/** The sixteen magic numbers of frames to skip, without their last four bits. */
const skippableMagic = 0x184d2a5;

/**
 * The content of zstd frames, one after the other (RFC 8878). Work and memory are bounded by the input and by `limit`,
 * the most bytes that the content may have. Dictionaries are not supported. The optional checksum is not compared:
 * signatures and MACs protect what we store.
 * @throws ZstdError
 */
export function decompress(frames: Uint8Array, limit: number): Uint8Array {
  const reader = new ByteReader(frames);
  const output = new Output(limit, 4 * frames.length);
  do {
    const found = reader.integer(4);
    if (found === magic) readFrame(reader, output);
    else if (Math.floor(found / 16) === skippableMagic) reader.take(reader.integer(4));
    else throw new ZstdError("not a zstd frame");
  } while (reader.remaining > 0);
  return output.content;
}

function readFrame(reader: ByteReader, output: Output): void {
  const { contentSize, hasChecksum } = readHeader(reader);
  const history: HuffmanHistory & SequenceHistory = { recentOffsets: { first: 1, second: 4, third: 8 } };
  output.startFrame();
  while (!readBlock(reader, history, output));
  if (contentSize !== undefined && contentSize !== output.frameSize) throw new ZstdError("the content size is wrong");
  if (hasChecksum) reader.take(4);
}

interface FrameHeader {
  readonly contentSize: number | undefined;
  readonly hasChecksum: boolean;
}

/** RFC 8878 §3.1.1.1. The window size does not matter: the whole output is in memory. */
function readHeader(reader: ByteReader): FrameHeader {
  const descriptor = reader.byte();
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if ((descriptor & 0x08) !== 0) throw new ZstdError("a reserved bit is set");
  if (!isSingleSegment) reader.byte();
  const dictionarySize = [0, 1, 2, 4][descriptor & 3] ?? 0;
  if (reader.integer(dictionarySize) !== 0) throw new ZstdError("a dictionary is needed");
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 2 ** sizeFlag;
  const size = reader.integer(sizeBytes) + (sizeFlag === 1 ? 256 : 0);
  return { contentSize: sizeBytes === 0 ? undefined : size, hasChecksum: (descriptor & 0x04) !== 0 };
}

/** True after the last block of the frame. */
function readBlock(reader: ByteReader, history: HuffmanHistory & SequenceHistory, output: Output): boolean {
  const header = reader.integer(3);
  const size = header >> 3;
  if (size > maxBlockSize) throw new ZstdError("a block is too large");
  switch ((header >> 1) & 3) {
    case 0:
      output.append(reader.take(size), 0, size);
      break;
    case 1:
      output.fill(reader.byte(), size);
      break;
    case 2:
      readCompressedBlock(new ByteReader(reader.take(size)), history, output);
      break;
    default:
      throw new ZstdError("an unknown kind of block");
  }
  return (header & 1) !== 0;
}

function readCompressedBlock(block: ByteReader, history: HuffmanHistory & SequenceHistory, output: Output): void {
  const literals = readLiterals(block, history);
  applySequences(block, literals, history, output);
}
