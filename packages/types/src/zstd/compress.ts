import { joinBytes } from "@parsec/base";

/** Larger raw blocks are refused by the official decoder. */
const maxBlockSize = 128 * 1024;
/** Magic number, then the descriptor: one segment, and a content size of 8 bytes. */
const head = [0x28, 0xb5, 0x2f, 0xfd, 0xe0];

/** One zstd frame that holds `content` as it is, in raw blocks (spec 02 §4). Encrypted bytes would not get smaller. */
export function compressRaw(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const contentSize = new Uint8Array(8);
  new DataView(contentSize.buffer).setBigUint64(0, BigInt(content.length), true);
  return joinBytes([Uint8Array.from(head), contentSize, ...rawBlocks(content)]);
}

/** Each block after its header of 3 bytes: the size shifted by 3, and 1 in the last. Even an empty frame has one. */
function rawBlocks(content: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let start = 0;
  do {
    const block = content.subarray(start, start + maxBlockSize);
    start += block.length;
    const header = (block.length << 3) | (start === content.length ? 1 : 0);
    parts.push(Uint8Array.of(header & 0xff, (header >> 8) & 0xff, header >> 16), block);
  } while (start < content.length);
  return parts;
}
