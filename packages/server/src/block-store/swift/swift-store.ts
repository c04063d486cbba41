import { createHash } from "node:crypto";
import type { OrganizationId } from "@parsec/types";
import type { SwiftConfig } from "../config.ts";
import { collectBlock, missingBlock } from "../content.ts";
import { blockOfObject, objectName, objectPrefix } from "../object-name.ts";
import {
  type BlockContent,
  type BlockKey,
  type BlockOptions,
  type BlockStore,
  BlockStoreError,
  type ListedBlock,
} from "../port.ts";
import { SwiftSession } from "./session.ts";

/** Objects that are listed by one request. */
const pageSize = 1000;

/** Blocks as objects of a container of OpenStack Swift. */
export class SwiftBlockStore implements BlockStore {
  readonly keying = "organization";
  readonly #session: SwiftSession;

  private constructor(session: SwiftSession) {
    this.#session = session;
  }

  /** Looks whether the container is there. @throws BlockStoreError */
  static async open(config: SwiftConfig): Promise<SwiftBlockStore> {
    const session = new SwiftSession(config);
    const status = await session.send({ method: "HEAD" }, statusOf);
    if (status !== 404) return new SwiftBlockStore(session);
    const what = "The container of the block store does not exist: create it, or give another name";
    throw new BlockStoreError("BLOCK_STORE_FAILED", what);
  }

  async put(key: BlockKey, block: Uint8Array, options?: BlockOptions): Promise<void> {
    // What came over otherwise than it was sent is refused.
    const headers = { ETag: createHash("md5").update(block).digest("hex") };
    const status = await this.#session.send(
      { method: "PUT", path: objectName(key), headers, body: block.slice(), ...options },
      statusOf,
    );
    if (status === 404) {
      throw new BlockStoreError("BLOCK_STORE_FAILED", "The container of the block store is gone: create it again");
    }
  }

  async *get(key: BlockKey, { size }: BlockContent, options?: BlockOptions): AsyncIterable<Uint8Array> {
    // Whole, since what breaks off is asked for again.
    const block = await this.#session.send({ method: "GET", path: objectName(key), ...options }, async (response) => {
      if (response.status !== 404 && response.body !== null) return await collectBlock(response.body, size);
      await response.body?.cancel();
      return response.status === 404 ? undefined : new Uint8Array();
    });
    if (block === undefined) throw missingBlock();
    yield block;
  }

  async has(key: BlockKey, options?: BlockOptions): Promise<boolean> {
    return (await this.#session.send({ method: "HEAD", path: objectName(key), ...options }, statusOf)) !== 404;
  }

  async delete(key: ListedBlock, options?: BlockOptions): Promise<void> {
    await this.#session.send({ method: "DELETE", path: objectName(key), ...options }, statusOf);
  }

  async *list(organizationId: OrganizationId, options?: BlockOptions): AsyncIterable<ListedBlock> {
    for (let marker = ""; ; ) {
      const query = { format: "json", prefix: objectPrefix(organizationId), limit: String(pageSize), marker };
      const names = await this.#session.send({ method: "GET", query, ...options }, namesOf);
      for (const name of names) {
        const blockId = blockOfObject(name, organizationId);
        if (blockId !== undefined) yield { organizationId, realmId: null, blockId };
      }
      const last = names.at(-1);
      if (last === undefined || names.length < pageSize) return;
      marker = last;
    }
  }

  async close(): Promise<void> {}
}

async function statusOf(response: Response): Promise<number> {
  await response.body?.cancel();
  return response.status;
}

async function namesOf(response: Response): Promise<readonly string[]> {
  if (response.status === 404) return [];
  const items: unknown = await response.json();
  if (!Array.isArray(items)) throw new BlockStoreError("BLOCK_STORE_FAILED", "The container could not be listed");
  return items.map((item: unknown) =>
    typeof item === "object" && item !== null && "name" in item ? String(item.name) : "",
  );
}
