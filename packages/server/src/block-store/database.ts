import { ParsecError } from "@parsec/base";
import type { OrganizationId } from "@parsec/types";
import { type Kysely, sql } from "kysely";
import type { StatementRunner } from "../store/sql/statement-runner.ts";
import type { Tables } from "../store/sql/tables.ts";
import { missingBlock } from "./content.ts";
import {
  type BlockContent,
  type BlockKey,
  type BlockOptions,
  type BlockStore,
  BlockStoreError,
  type ListedBlock,
} from "./port.ts";

/** Blocks that are listed by one statement. */
const pageSize = 1000;

/** The bytes of blocks in a table of the metadata's database, by its connections. */
export class DatabaseBlockStore implements BlockStore {
  readonly keying = "realm";
  readonly #database: StatementRunner;

  constructor(database: StatementRunner) {
    this.#database = database;
  }

  async put({ organizationId, realmId, blockId }: BlockKey, data: Uint8Array, options?: BlockOptions): Promise<void> {
    await this.#run(options, (db) =>
      db
        .insertInto("block_data")
        .values({ organization_id: organizationId, realm_id: realmId, block_id: blockId, data })
        .onConflict((conflict) => conflict.columns(["organization_id", "realm_id", "block_id"]).doUpdateSet({ data }))
        .execute(),
    );
  }

  async *get(key: BlockKey, { size }: BlockContent, options?: BlockOptions): AsyncIterable<Uint8Array> {
    // One byte more than there should be, to see whether there are more.
    const limit = size + 1;
    const row = await this.#run(options, (db) =>
      db
        .selectFrom("block_data")
        .select(sql<Uint8Array>`substr(data, 1, ${limit})`.as("data"))
        .where("organization_id", "=", key.organizationId)
        .where("realm_id", "=", key.realmId)
        .where("block_id", "=", key.blockId)
        .executeTakeFirst(),
    );
    if (row === undefined) throw missingBlock();
    yield new Uint8Array(row.data);
  }

  async has(key: BlockKey, options?: BlockOptions): Promise<boolean> {
    const row = await this.#run(options, (db) =>
      db
        .selectFrom("block_data")
        .select("_id")
        .where("organization_id", "=", key.organizationId)
        .where("realm_id", "=", key.realmId)
        .where("block_id", "=", key.blockId)
        .executeTakeFirst(),
    );
    return row !== undefined;
  }

  async delete({ organizationId, realmId, blockId }: ListedBlock, options?: BlockOptions): Promise<void> {
    if (realmId === null) return;
    await this.#run(options, (db) =>
      db
        .deleteFrom("block_data")
        .where("organization_id", "=", organizationId)
        .where("realm_id", "=", realmId)
        .where("block_id", "=", blockId)
        .execute(),
    );
  }

  async *list(organizationId: OrganizationId, options?: BlockOptions): AsyncIterable<ListedBlock> {
    for (let last = 0; ; ) {
      const rows = await this.#run(options, (db) =>
        db
          .selectFrom("block_data")
          .select(["_id", "realm_id", "block_id"])
          .where("organization_id", "=", organizationId)
          .where("_id", ">", last)
          .orderBy("_id")
          .limit(pageSize)
          .execute(),
      );
      for (const { _id, realm_id: realmId, block_id: blockId } of rows) {
        last = _id;
        yield { organizationId, realmId, blockId };
      }
      if (rows.length < pageSize) return;
    }
  }

  /** The database is its store's. */
  async close(): Promise<void> {}

  async #run<T>(options: BlockOptions | undefined, run: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    options?.signal?.throwIfAborted();
    try {
      return await this.#database.statement(run);
    } catch (cause) {
      if (!ParsecError.is(cause) || cause.code !== "STORE_UNAVAILABLE") throw cause;
      throw new BlockStoreError("BLOCK_STORE_FAILED", "The database that holds the blocks is not available", { cause });
    }
  }
}
