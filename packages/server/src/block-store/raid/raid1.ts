import { joinSignals } from "@parsec/base";
import type { OrganizationId } from "@parsec/types";
import { readBlock } from "../content.ts";
import {
  type BlockContent,
  type BlockKey,
  type BlockOptions,
  type BlockStore,
  BlockStoreError,
  type ListedBlock,
} from "../port.ts";
import { failedNodes, keyingOf, listOfNodes, onEachNode, type RaidOptions } from "./members.ts";

/** Each block in every node: one that has it whole is enough to read it. */
export class Raid1BlockStore implements BlockStore {
  readonly keying: BlockStore["keying"];
  readonly #nodes: readonly BlockStore[];
  readonly #tolerated: number;

  constructor(nodes: readonly BlockStore[], { partialCreate = false }: RaidOptions = {}) {
    this.#nodes = nodes;
    this.keying = keyingOf(nodes);
    this.#tolerated = partialCreate ? nodes.length - 1 : 0;
  }

  async put(key: BlockKey, block: Uint8Array, options: BlockOptions = {}): Promise<void> {
    const tolerated = this.#tolerated;
    await onEachNode(this.#nodes, (node) => node.put(key, block, options), { ...options, tolerated });
  }

  /** All are asked at once: the first whose bytes are those that were put wins, and the others are let go. */
  async *get(key: BlockKey, content: BlockContent, { signal }: BlockOptions = {}): AsyncIterable<Uint8Array> {
    const joined = joinSignals(signal);
    try {
      yield await Promise.any(this.#nodes.map((node) => readBlock(node, key, content, { signal: joined.signal })));
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof AggregateError)) throw error;
      throw failedNodes(error.errors, this.#nodes.length);
    } finally {
      joined.abort(new BlockStoreError("BLOCK_STORE_FAILED", "Another node of the RAID was faster"));
      joined.release();
    }
  }

  async has(key: BlockKey, options?: BlockOptions): Promise<boolean> {
    const found = await Promise.allSettled(this.#nodes.map((node) => node.has(key, options)));
    if (found.some((result) => result.status === "fulfilled" && result.value)) return true;
    const failure = found.find((result) => result.status === "rejected");
    if (failure !== undefined) throw failure.reason;
    return false;
  }

  async delete(key: ListedBlock, options?: BlockOptions): Promise<void> {
    await onEachNode(this.#nodes, (node) => node.delete(key, options), options);
  }

  list(organizationId: OrganizationId, options?: BlockOptions): AsyncIterable<ListedBlock> {
    return listOfNodes(this.#nodes, organizationId, options);
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()));
  }
}
