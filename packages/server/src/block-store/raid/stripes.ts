import { isContent } from "../content.ts";
import type { BlockContent } from "../port.ts";

// The bytes of raid5 (spec 08c §5): the block behind its length, filled up with zeros and cut in equal chunks, and last
// the XOR of these.

/** Bytes of the length before the block. */
const prefixSize = 4;

/** Bytes of each chunk of a block of `size` bytes, `dataNodes` of which are data. */
export function chunkSize(size: number, dataNodes: number): number {
  return Math.ceil((size + prefixSize) / dataNodes);
}

/** The chunks of a block: one for each node, the last the checksum. */
export function split(block: Uint8Array, dataNodes: number): readonly Uint8Array[] {
  const size = chunkSize(block.length, dataNodes);
  const payload = new Uint8Array(size * dataNodes);
  new DataView(payload.buffer).setUint32(0, block.length);
  payload.set(block, prefixSize);
  const chunks = Array.from({ length: dataNodes }, (_, index) => payload.subarray(index * size, (index + 1) * size));
  return [...chunks, xor(chunks, size)];
}

/**
 * The block of all chunks but those that are `undefined`, the checksum last; `undefined` when that is not what was put, or
 * more than one chunk lacks.
 */
export function join(chunks: readonly (Uint8Array | undefined)[], content: BlockContent): Uint8Array | undefined {
  const dataNodes = chunks.length - 1;
  const size = chunkSize(content.size, dataNodes);
  const payload = new Uint8Array(size * dataNodes);
  const known = chunks.filter((chunk) => chunk !== undefined);
  for (const [index, chunk] of chunks.slice(0, dataNodes).entries()) {
    if (chunk === undefined && known.length < dataNodes) return undefined;
    payload.set(chunk ?? xor(known, size), index * size);
  }
  if (new DataView(payload.buffer).getUint32(0) !== content.size) return undefined;
  const block = payload.subarray(prefixSize, prefixSize + content.size);
  return isContent(block, content) ? block : undefined;
}

function xor(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const result = new Uint8Array(size);
  for (const chunk of chunks) {
    for (let index = 0; index < size; index += 1) result[index] = (result[index] ?? 0) ^ (chunk[index] ?? 0);
  }
  return result;
}
