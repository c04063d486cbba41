import { BugError } from "@parsec/base";
import type { BlockId, OrganizationId } from "@parsec/types";
import type { BlockContent, BlockKey, BlockOptions, BlockStore, ListedBlock } from "../port.ts";
import { keyingOf, listOfNodes } from "./members.ts";

/** Each block in one node: that of its id, a number of 128 bits, modulo the count of nodes. */
export class Raid0BlockStore implements BlockStore {
  readonly keying: BlockStore["keying"];
  readonly #nodes: readonly BlockStore[];

  constructor(nodes: readonly BlockStore[]) {
    this.#nodes = nodes;
    this.keying = keyingOf(nodes);
  }

  async put(key: BlockKey, block: Uint8Array, options?: BlockOptions): Promise<void> {
    await this.#nodeOf(key.blockId).put(key, block, options);
  }

  get(key: BlockKey, content: BlockContent, options?: BlockOptions): AsyncIterable<Uint8Array> {
    return this.#nodeOf(key.blockId).get(key, content, options);
  }

  async has(key: BlockKey, options?: BlockOptions): Promise<boolean> {
    return await this.#nodeOf(key.blockId).has(key, options);
  }

  async delete(key: ListedBlock, options?: BlockOptions): Promise<void> {
    await this.#nodeOf(key.blockId).delete(key, options);
  }

  list(organizationId: OrganizationId, options?: BlockOptions): AsyncIterable<ListedBlock> {
    return listOfNodes(this.#nodes, organizationId, options);
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()));
  }

  #nodeOf(blockId: BlockId): BlockStore {
    const node = this.#nodes[Number(BigInt(`0x${blockId}`) % BigInt(this.#nodes.length))];
    if (node === undefined) throw new BugError("A RAID has no node");
    return node;
  }
}
