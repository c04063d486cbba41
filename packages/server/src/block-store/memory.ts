import type { BlockId, OrganizationId, VlobId } from "@parsec/types";
import { missingBlock } from "./content.ts";
import type { BlockContent, BlockKey, BlockOptions, BlockStore, ListedBlock } from "./port.ts";

/** Keeps the blocks in memory. */
export class MemoryBlockStore implements BlockStore {
  readonly keying: BlockStore["keying"] = "realm";
  readonly #organizations = new Map<OrganizationId, Map<VlobId, Map<BlockId, Uint8Array>>>();

  async put({ organizationId, realmId, blockId }: BlockKey, block: Uint8Array, options?: BlockOptions): Promise<void> {
    options?.signal?.throwIfAborted();
    const realms = this.#organizations.get(organizationId) ?? new Map<VlobId, Map<BlockId, Uint8Array>>();
    this.#organizations.set(organizationId, realms);
    const blocks = realms.get(realmId) ?? new Map<BlockId, Uint8Array>();
    realms.set(realmId, blocks);
    // A copy: the block is a view on a request body, which would stay in memory with it.
    blocks.set(blockId, block.slice());
  }

  async *get(key: BlockKey, _content: BlockContent, options?: BlockOptions): AsyncIterable<Uint8Array> {
    options?.signal?.throwIfAborted();
    const block = this.#find(key);
    if (block === undefined) throw missingBlock();
    yield block.slice();
  }

  async has(key: BlockKey): Promise<boolean> {
    return this.#find(key) !== undefined;
  }

  async delete({ organizationId, realmId, blockId }: ListedBlock): Promise<void> {
    if (realmId === null) return;
    const realms = this.#organizations.get(organizationId);
    const blocks = realms?.get(realmId);
    blocks?.delete(blockId);
    if (blocks?.size === 0) realms?.delete(realmId);
    if (realms?.size === 0) this.#organizations.delete(organizationId);
  }

  async *list(organizationId: OrganizationId): AsyncIterable<ListedBlock> {
    const realms = this.#organizations.get(organizationId) ?? new Map<VlobId, Map<BlockId, Uint8Array>>();
    for (const [realmId, blocks] of [...realms]) {
      for (const blockId of [...blocks.keys()]) yield { organizationId, realmId, blockId };
    }
  }

  async close(): Promise<void> {}

  #find({ organizationId, realmId, blockId }: BlockKey): Uint8Array | undefined {
    return this.#organizations.get(organizationId)?.get(realmId)?.get(blockId);
  }
}
