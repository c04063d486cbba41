import assert from "node:assert/strict";
import { equalBytes, randomBytes } from "@parsec/base";
import { blockCreate, blockRead } from "@parsec/protocol";
import { BlockId } from "@parsec/types";
import type { Load } from "./load.ts";

/** Blocks created on a server that may die at any moment. */
export class BlockLoad {
  readonly #load: Load;
  readonly #blocks = new Map<BlockId, Uint8Array>();
  /** What the server has said `ok` to, or that it exists, which it says to who asks again. */
  readonly acknowledged = new Set<BlockId>();

  constructor(load: Load) {
    this.#load = load;
  }

  /** Creates one block, asked for once: no answer is no answer. */
  async create(): Promise<void> {
    const blockId = BlockId.generate();
    this.#blocks.set(blockId, randomBytes(4096));
    await this.#send(blockId);
  }

  /** Asks again for all that got no answer, as clients do, until the server has all. */
  async createRest(): Promise<void> {
    for (const blockId of this.#blocks.keys()) if (!this.acknowledged.has(blockId)) await this.#send(blockId);
    assert.equal(this.acknowledged.size, this.#blocks.size, "every block was created in the end");
  }

  /** The acknowledged blocks that the server does not give back as they were. */
  async lost(): Promise<readonly BlockId[]> {
    const view = this.#load.view(0);
    const lost: BlockId[] = [];
    for (const blockId of this.acknowledged) {
      const reply = await view.send(view.alice, blockRead, { realmId: this.#load.realmId, blockId });
      const isWhole = reply.status === "ok" && equalBytes(reply.block, this.#blocks.get(blockId) ?? new Uint8Array());
      if (!isWhole) lost.push(blockId);
    }
    return lost;
  }

  async #send(blockId: BlockId): Promise<void> {
    const view = this.#load.view(0);
    const block = this.#blocks.get(blockId) ?? new Uint8Array();
    const fields = { realmId: this.#load.realmId, blockId, keyIndex: 1, block };
    let status: string;
    try {
      ({ status } = await view.send(view.alice, blockCreate, fields));
    } catch {
      return;
    }
    if (status === "store_unavailable") return;
    assert(status === "ok" || status === "block_already_exists", status);
    this.acknowledged.add(blockId);
  }
}
