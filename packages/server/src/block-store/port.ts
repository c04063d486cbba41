import { ParsecError } from "@parsec/base";
import type { BlockId, OrganizationId, VlobId } from "@parsec/types";

/** The block store failed, or does not hold the block. */
export class BlockStoreError extends ParsecError<"BLOCK_STORE_FAILED"> {
  override readonly name: string = "BlockStoreError";
  constructor(what: string, options: { cause?: unknown } = {}) {
    super("BLOCK_STORE_FAILED", what, options);
  }
}

/**
 * Where the encrypted blocks are. A block is known by its organization, its realm and its id, as in the metadata: a
 * member of one realm cannot reach the bytes of another by using the same id.
 */
export interface BlockStore {
  /** @throws BlockStoreError */
  read(organizationId: OrganizationId, realmId: VlobId, blockId: BlockId): Promise<Uint8Array>;
  /** Never called twice at once for one block. Writing a block again is normal. @throws BlockStoreError */
  write(organizationId: OrganizationId, realmId: VlobId, blockId: BlockId, block: Uint8Array): Promise<void>;
  /** Drops the blocks of an organization, or of all. Testbed only: real stores never delete (spec 08c §5). */
  forget(organizationId?: OrganizationId): Promise<void>;
}
