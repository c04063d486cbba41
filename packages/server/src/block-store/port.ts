import { ParsecError } from "@parsec/base";
import type { BlockId, OrganizationId } from "@parsec/types";

/** The block store failed, or does not hold the block. */
export class BlockStoreError extends ParsecError<"BLOCK_STORE_FAILED"> {
  override readonly name: string = "BlockStoreError";
  constructor(what: string, options: { cause?: unknown } = {}) {
    super("BLOCK_STORE_FAILED", what, options);
  }
}

/** Where the encrypted blocks are. Ids are scoped by organization. */
export interface BlockStore {
  /** @throws BlockStoreError */
  read(organizationId: OrganizationId, blockId: BlockId): Promise<Uint8Array>;
  /** Writing the same block again is normal. @throws BlockStoreError */
  write(organizationId: OrganizationId, blockId: BlockId, block: Uint8Array): Promise<void>;
  /** Drops the blocks of an organization, or of all. Testbed only: real stores never delete (spec 08c §5). */
  forget(organizationId?: OrganizationId): Promise<void>;
}
