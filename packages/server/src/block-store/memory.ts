import type { BlockId, OrganizationId, VlobId } from "@parsec/types";
import { type BlockStore, BlockStoreError } from "./port.ts";

type Blocks = Map<BlockId, Uint8Array>;

/** Keeps the blocks in memory. */
export class MemoryBlockStore implements BlockStore {
  readonly #organizations = new Map<OrganizationId, Map<VlobId, Blocks>>();

  async read(organizationId: OrganizationId, realmId: VlobId, blockId: BlockId): Promise<Uint8Array> {
    const block = this.#organizations.get(organizationId)?.get(realmId)?.get(blockId);
    if (block === undefined) throw new BlockStoreError("The block is not in the store");
    return block;
  }

  async write(organizationId: OrganizationId, realmId: VlobId, blockId: BlockId, block: Uint8Array): Promise<void> {
    const realms = this.#organizations.get(organizationId) ?? new Map<VlobId, Blocks>();
    this.#organizations.set(organizationId, realms);
    const blocks: Blocks = realms.get(realmId) ?? new Map();
    realms.set(realmId, blocks);
    // A copy: the block is a view on a request body, which would stay in memory with it.
    blocks.set(blockId, block.slice());
  }

  async forget(organizationId?: OrganizationId): Promise<void> {
    if (organizationId === undefined) this.#organizations.clear();
    else this.#organizations.delete(organizationId);
  }
}
