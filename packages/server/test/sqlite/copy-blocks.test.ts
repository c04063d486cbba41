import { BlockId, DateTime, DeviceId, OrganizationId, VlobId } from "@parsec/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import { contentOf, readBlock } from "../../src/block-store/content.ts";
import { MemoryBlockStore } from "../../src/block-store/memory.ts";
import { type BlockKey, BlockStoreError } from "../../src/block-store/port.ts";
import { type CopyProgress, copyDatabase } from "../../src/store/sql/copy/copy-database.ts";
import { openSqliteStore } from "../../src/store/sql/sqlite/open.ts";
import type { SqliteStore } from "../../src/store/sql/sqlite/sqlite-store.ts";
import { commit, organizationRow, realmRow } from "../support/rows.ts";
import { newSqliteFile } from "../support/stores.ts";

// The bytes of blocks, from one block store to another, beside the rows that name them.

const now = DateTime.fromMicros(1);
const organizationIds = [OrganizationId.parse("Acme"), OrganizationId.parse("Other")];
const count = 150;

let from: SqliteStore;
let to: SqliteStore;
let source: MemoryBlockStore;
let kept: { readonly key: BlockKey; readonly block: Uint8Array }[];
beforeEach(async () => {
  from = await openSqliteStore(newSqliteFile());
  to = await openSqliteStore(newSqliteFile(), { acceptUnfinishedCopy: true });
  source = new MemoryBlockStore();
  kept = await fill(count);
});
afterEach(async () => {
  await Promise.all([from.close(), to.close()]);
});

async function fill(blocks: number, blockIdOf: (index: number) => BlockId = () => BlockId.generate()) {
  return await commit(from, async (tx) => {
    const places: (readonly [OrganizationId, VlobId])[] = [];
    for (const organizationId of organizationIds) {
      if ((await tx.organizations.find(organizationId)) === undefined) {
        await tx.organizations.put(organizationRow(organizationId, now));
      }
      const realmId = VlobId.generate();
      await tx.realms.insert(organizationId, realmRow(realmId, now));
      places.push([organizationId, realmId]);
    }
    const made: { readonly key: BlockKey; readonly block: Uint8Array }[] = [];
    for (let index = 0; index < blocks; index += 1) {
      const [organizationId, realmId] = places[index % places.length] ?? [];
      if (organizationId === undefined || realmId === undefined) continue;
      const [blockId, block] = [blockIdOf(index), new Uint8Array(index).fill(index)];
      const { size, digest } = contentOf(block);
      // Now and then one from before digests were kept.
      const row = { blockId, author: DeviceId.generate(), size, digest: index % 5 === 0 ? null : digest };
      await tx.blocks.insert(organizationId, realmId, { ...row, keyIndex: 1, createdOn: now });
      await source.put({ organizationId, realmId, blockId }, block);
      made.push({ key: { organizationId, realmId, blockId }, block });
    }
    return made;
  });
}

async function expectAll(target: MemoryBlockStore): Promise<void> {
  for (const { key, block } of kept) expect(await readBlock(target, key, contentOf(block))).toEqual(block);
}

/** Fails or lies at one call. */
class FaultyBlocks extends MemoryBlockStore {
  fault: { readonly at: number; readonly kind: "fails" | "lies" } | undefined;
  puts = 0;

  override async put(key: BlockKey, block: Uint8Array): Promise<void> {
    this.puts += 1;
    if (this.fault?.at !== this.puts) return await super.put(key, block);
    if (this.fault.kind === "fails") throw new BlockStoreError("BLOCK_STORE_FAILED", "on purpose");
    await super.put(key, new Uint8Array(block.length + 1));
  }
}

test("every block arrives, and progress ends at its total", async () => {
  const target = new MemoryBlockStore();
  const told: CopyProgress[] = [];
  await copyDatabase(from, to, {
    blocks: { openFrom: async () => source, to: target },
    onProgress: (each) => told.push(each),
  });
  await expectAll(target);
  const blocks = told.filter(({ phase }) => phase === "copying blocks").map(({ done, total }) => [done, total]);
  expect(blocks).toEqual([
    [0, count],
    [64, count],
    [128, count],
    [count, count],
  ]);
});

test.each(["fails", "lies"] as const)(
  "a store that %s ends the copy, which goes on behind what is there",
  async (kind) => {
    const target = new FaultyBlocks();
    target.fault = { at: 100, kind };
    const blocks = { openFrom: async () => source, to: target };
    await expect(copyDatabase(from, to, { blocks })).rejects.toMatchObject({
      code: kind === "fails" ? "BLOCK_STORE_FAILED" : "BLOCK_DAMAGED",
    });
    const before = target.puts;
    // Nothing goes on behind the error.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(target.puts).toBe(before);
    target.fault = undefined;
    await copyDatabase(from, to, { blocks });
    expect(target.puts - before).toBe(count - 64);
    await expectAll(target);
  },
);

test("a source that has lost a block, or damaged one, is not copied silently", async () => {
  const [first] = kept.slice(7);
  if (first === undefined) throw new Error("No block");
  const blocks = { openFrom: async () => source, to: new MemoryBlockStore() };
  await source.delete(first.key);
  await expect(copyDatabase(from, to, { blocks })).rejects.toMatchObject({ code: "BLOCK_MISSING" });
  await source.put(first.key, new Uint8Array(first.block.length).fill(99));
  await expect(copyDatabase(from, to, { blocks })).rejects.toMatchObject({ code: "BLOCK_DAMAGED" });
});

test("an abort ends it between blocks, and the next try goes on", async () => {
  const target = new FaultyBlocks();
  const blocks = { openFrom: async () => source, to: target };
  const stop = new AbortController();
  const stopped = copyDatabase(from, to, {
    blocks,
    signal: stop.signal,
    onProgress: ({ phase, done }) => {
      if (phase === "copying blocks" && done === 64) stop.abort("enough");
    },
  });
  await expect(stopped).rejects.toBe("enough");
  expect(target.puts).toBe(64);
  // The half of a copy with blocks is not that of one without.
  await expect(copyDatabase(from, to)).rejects.toMatchObject({ code: "COPY_OF_ANOTHER" });
  await copyDatabase(from, to, { blocks });
  expect(target.puts).toBe(count);
  await expectAll(target);
});

test("a store that has one name for two blocks is refused before it is written to", async () => {
  class WithoutRealms extends FaultyBlocks {
    override readonly keying = "organization";
  }
  const target = new WithoutRealms();
  const twice = kept[0]?.key.blockId ?? BlockId.generate();
  await fill(1, () => twice);
  const refused = copyDatabase(from, to, { blocks: { openFrom: async () => source, to: target } });
  await expect(refused).rejects.toMatchObject({ code: "BLOCKS_COLLIDE" });
  expect(target.puts).toBe(0);
});

test("bytes in the database go where the target's block store is, not along with the rows", async () => {
  await from.alone(async (db) => {
    const [{ key } = {}] = kept;
    if (key === undefined) throw new Error("No block");
    const { organizationId: organization_id, realmId: realm_id, blockId: block_id } = key;
    const row = { organization_id, realm_id, block_id, data: new Uint8Array([1]) };
    await db.insertInto("block_data").values(row).execute();
  });
  await copyDatabase(from, to, { blocks: { openFrom: async () => source, to: new MemoryBlockStore() } });
  expect(await to.snapshot((db) => db.selectFrom("block_data").select("_id").execute())).toEqual([]);
});
