import { ParsecError } from "@parsec/base";
import type { BlockId, OrganizationId, VlobId } from "@parsec/types";

export type BlockStoreErrorCode =
  /** The store did not do it: it cannot be reached, is full, or refuses. */
  | "BLOCK_STORE_FAILED"
  /** The store works, and has no such block. */
  | "BLOCK_MISSING"
  /** What the store gives is not what was put. */
  | "BLOCK_DAMAGED";

/** A block could not be read or written. The message holds no name, address or secret. */
export class BlockStoreError extends ParsecError<BlockStoreErrorCode> {
  override readonly name: string = "BlockStoreError";
}

/** What a block is known by: its place in the metadata. */
export interface BlockKey {
  readonly organizationId: OrganizationId;
  readonly realmId: VlobId;
  readonly blockId: BlockId;
}

/** What the metadata knows of the bytes of a block: what a store gives is compared with it. */
export interface BlockContent {
  /** Bytes. */
  readonly size: number;
  /** SHA-256; null for blocks that were created before it was kept. */
  readonly digest: Uint8Array | null;
}

/** A block that a store holds; `realmId` is null where its keys have no realm. */
export interface ListedBlock {
  readonly organizationId: OrganizationId;
  readonly realmId: VlobId | null;
  readonly blockId: BlockId;
}

export interface BlockOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where the encrypted blocks are. Every method throws BlockStoreError, or rejects with `signal.reason`.
 *
 * A store keeps bytes by key and knows no rule: that a block is created once, and that nobody writes the bytes of
 * another, is for who calls it to check, by the same key as the store's (`keying`).
 */
export interface BlockStore {
  /**
   * `organization`: the store's own keys have no realm, as spec 08c §5 has them. Two blocks with one id are then one
   * object, in whatever realms of an organization they are.
   */
  readonly keying: "realm" | "organization";
  /**
   * Resolves when the bytes will outlive a power cut, as far as the store can. Putting a block again replaces it: nobody
   * ever sees a part of it, or of both. Never called twice at once for one key. The bytes are the caller's again afterwards.
   */
  put(key: BlockKey, block: Uint8Array, options?: BlockOptions): Promise<void>;
  /**
   * The bytes as they come, one part after the other, no more of them than `content` says. They may be wrong ones all the
   * same: `readBlock` checks.
   */
  get(key: BlockKey, content: BlockContent, options?: BlockOptions): AsyncIterable<Uint8Array>;
  /** True when the store has the block, without reading it. */
  has(key: BlockKey, options?: BlockOptions): Promise<boolean>;
  /** Does nothing when there is none. Commands never delete: for the testbed, and for operators. */
  delete(key: ListedBlock, options?: BlockOptions): Promise<void>;
  /** What it holds of an organization, in no order. Those put or deleted meanwhile may be among them or not. */
  list(organizationId: OrganizationId, options?: BlockOptions): AsyncIterable<ListedBlock>;
  close(): Promise<void>;
}
