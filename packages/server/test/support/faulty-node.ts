import { once } from "node:events";
import { concatBytes } from "@parsec/base";
import { collectBlock } from "../../src/block-store/content.ts";
import { MemoryBlockStore } from "../../src/block-store/memory.ts";
import {
  type BlockContent,
  type BlockKey,
  type BlockOptions,
  BlockStoreError,
  type ListedBlock,
} from "../../src/block-store/port.ts";

/** What a node of a RAID may do instead of its work. */
export type Trouble = "fails" | "hangs" | "loses" | "truncates" | "lengthens" | "flips" | "empties";

/** A node that is in trouble when told so. */
export class FaultyNode extends MemoryBlockStore {
  trouble: Trouble | null = null;
  puts = 0;
  gets = 0;
  /** Operations that have not ended. */
  underWay = 0;

  override async put(key: BlockKey, block: Uint8Array, options?: BlockOptions): Promise<void> {
    this.puts += 1;
    await this.#during(async () => {
      await this.#stop(options);
      await super.put(key, block, options);
    });
  }

  override async *get(key: BlockKey, content: BlockContent, options?: BlockOptions): AsyncIterable<Uint8Array> {
    this.gets += 1;
    yield await this.#during(async () => {
      await this.#stop(options);
      const block = await collectBlock(super.get(key, content, options), 10_000_000);
      return this.#spoil(block);
    });
  }

  override async has(key: BlockKey, options?: BlockOptions): Promise<boolean> {
    await this.#stop(options);
    return await super.has(key);
  }

  override async delete(key: ListedBlock, options?: BlockOptions): Promise<void> {
    await this.#stop(options);
    await super.delete(key);
  }

  async #during<T>(run: () => Promise<T>): Promise<T> {
    this.underWay += 1;
    try {
      return await run();
    } finally {
      this.underWay -= 1;
    }
  }

  async #stop(options: BlockOptions | undefined): Promise<void> {
    if (this.trouble === "fails") throw new BlockStoreError("BLOCK_STORE_FAILED", "On purpose");
    if (this.trouble === "loses") throw new BlockStoreError("BLOCK_MISSING", "On purpose");
    if (this.trouble !== "hangs") return;
    const { signal } = options ?? {};
    if (signal === undefined) await new Promise(() => undefined);
    else {
      if (!signal.aborted) await once(signal, "abort");
      throw signal.reason;
    }
  }

  #spoil(block: Uint8Array): Uint8Array {
    switch (this.trouble) {
      case "truncates":
        return block.subarray(0, block.length - 1);
      case "lengthens":
        return concatBytes(block, Uint8Array.of(0));
      case "flips":
        return block.map((byte, index) => (index === Math.floor(block.length / 2) ? byte ^ 1 : byte));
      case "empties":
        return new Uint8Array();
      default:
        return block;
    }
  }
}
