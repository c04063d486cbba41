import type { BlockId, OrganizationId } from "@parsec/types";
import { type BlockStore, BlockStoreError } from "./port.ts";

/** Keeps the blocks in memory. */
export class MemoryBlockStore implements BlockStore {
  readonly #organizations = new Map<OrganizationId, Map<BlockId, Uint8Array>>();

  async read(organizationId: OrganizationId, blockId: BlockId): Promise<Uint8Array> {
    const block = this.#organizations.get(organizationId)?.get(blockId);
    if (block === undefined) throw new BlockStoreError("The block is not in the store");
    return block;
  }

  async write(organizationId: OrganizationId, blockId: BlockId, block: Uint8Array): Promise<void> {
    const blocks = this.#organizations.get(organizationId) ?? new Map<BlockId, Uint8Array>();
    this.#organizations.set(organizationId, blocks);
    // A copy: the block is a view on a request body, which would stay in memory with it.
    blocks.set(blockId, block.slice());
  }

  async forget(organizationId?: OrganizationId): Promise<void> {
    if (organizationId === undefined) this.#organizations.clear();
    else this.#organizations.delete(organizationId);
  }
}
