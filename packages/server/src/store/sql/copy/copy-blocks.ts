import { throwIfAborted } from "@parsec/base";
import { type Kysely, sql } from "kysely";
import { contentOf, readBlock } from "../../../block-store/content.ts";
import type { BlockContent, BlockKey, BlockStore } from "../../../block-store/port.ts";
import { CopyError } from "../../errors.ts";
import type { StatementRunner } from "../statement-runner.ts";
import type { Tables } from "../tables.ts";

/** Where blocks come from, and where they go to. */
export interface BlockStores {
  readonly from: BlockStore;
  readonly to: BlockStore;
}

/** The block stores of a copy, that of the source not open yet: it may be in the database that is read. */
export interface CopiedBlocks {
  readonly openFrom: (database: StatementRunner) => Promise<BlockStore>;
  readonly to: BlockStore;
}

/** Blocks between two notes of how far the copy has come, and in memory at once. */
const partSize = 64;
const atOnce = 4;

export interface CopyBlocksOptions {
  /** The key of the last row of `block` whose bytes are there already. */
  readonly after: number;
  readonly signal?: AbortSignal | undefined;
  /** Called when the bytes of all rows up to this key are there, with how many more that are. */
  readonly onPart: (lastId: number, count: number) => Promise<void>;
}

/**
 * Copies the bytes of all blocks that the metadata names, in the order of their rows; each is compared with the metadata
 * when it was read, and read again after it was written.
 * @throws BlockStoreError
 * @throws CopyError `BLOCKS_COLLIDE`
 */
export async function copyBlocks(db: Kysely<Tables>, stores: BlockStores, options: CopyBlocksOptions): Promise<void> {
  const { signal, onPart } = options;
  if (stores.to.keying === "organization") await refuseCollisions(db);
  for (let last = options.after; ; ) {
    throwIfAborted(signal);
    const rows = await db
      .selectFrom("block")
      .innerJoin("realm", "realm._id", "block.realm")
      .innerJoin("organization", "organization._id", "realm.organization")
      .select(["block._id", "block_id", "realm_id", "organization_id", "size", "digest"])
      .where("block._id", ">", last)
      .orderBy("block._id")
      .limit(partSize)
      .execute();
    const end = rows.at(-1);
    if (end === undefined) return;
    const left = rows.values();
    let hasFailed = false;
    const work = async () => {
      for (const row of left) {
        if (hasFailed) return;
        const key = { organizationId: row.organization_id, realmId: row.realm_id, blockId: row.block_id };
        await copyBlock(stores, key, { size: row.size, digest: row.digest }, signal).catch((error: unknown) => {
          hasFailed = true;
          throw error;
        });
      }
    };
    // Nothing goes on behind the back of who is told of a failure.
    const results = await Promise.allSettled(Array.from({ length: atOnce }, work));
    const failure = results.find((result) => result.status === "rejected");
    if (failure !== undefined) throw failure.reason;
    last = end._id;
    await onPart(last, rows.length);
  }
}

async function copyBlock(
  { from, to }: BlockStores,
  key: BlockKey,
  content: BlockContent,
  signal: AbortSignal | undefined,
): Promise<void> {
  throwIfAborted(signal);
  const block = await readBlock(from, key, content, { signal });
  await to.put(key, block, { signal });
  await readBlock(to, key, contentOf(block), { signal });
}

/** In a store without realms two blocks of one id would be one. */
async function refuseCollisions(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql`
    select 1 from block inner join realm on realm._id = block.realm
      group by realm.organization, block.block_id having count(*) > 1 limit 1`.execute(db);
  if (rows.length === 0) return;
  const what = "Two realms of an organization have a block of the same id, which the target cannot tell apart";
  throw new CopyError("BLOCKS_COLLIDE", `${what}: copy into a store whose names have a realm, such as file:DIR`);
}
