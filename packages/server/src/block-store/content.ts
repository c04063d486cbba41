import { createHash } from "node:crypto";
import { ByteCollector, equalBytes } from "@parsec/base";
import { type BlockContent, type BlockKey, type BlockOptions, type BlockStore, BlockStoreError } from "./port.ts";

/** What the metadata keeps about a block's bytes. */
export function contentOf(block: Uint8Array): BlockContent & { readonly digest: Uint8Array } {
  return { size: block.length, digest: new Uint8Array(createHash("sha256").update(block).digest()) };
}

/** True for the bytes that were put, as far as the metadata tells. */
export function isContent(block: Uint8Array, { size, digest }: BlockContent): boolean {
  if (block.length !== size) return false;
  return digest === null || equalBytes(contentOf(block).digest, digest);
}

/** A whole block, as it was put. @throws BlockStoreError also when the store gives something else */
export async function readBlock(
  store: BlockStore,
  key: BlockKey,
  content: BlockContent,
  options: BlockOptions = {},
): Promise<Uint8Array> {
  const block = await collectBlock(store.get(key, content, options), content.size);
  if (!isContent(block, content)) throw damagedBlock();
  return block;
}

/** All parts together; no more than `size` bytes are held. @throws BlockStoreError `BLOCK_DAMAGED` when there are more */
export async function collectBlock(parts: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const collected = new ByteCollector();
  for await (const part of parts) {
    if (collected.size + part.length > size) throw damagedBlock();
    collected.add(part);
  }
  return collected.bytes();
}

export function damagedBlock(): BlockStoreError {
  const message = "The block store gives other bytes than were put: look for a damaged or foreign file or object in it";
  return new BlockStoreError("BLOCK_DAMAGED", message);
}

export function missingBlock(): BlockStoreError {
  return new BlockStoreError("BLOCK_MISSING", "The block is not in the block store: look whether it is the right one");
}
