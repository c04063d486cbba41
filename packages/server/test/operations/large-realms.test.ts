import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlockId, DateTime, DeviceId, OrganizationId, VlobId } from "@parsec/types";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MemoryBlockStore } from "../../src/block-store/memory.ts";
import { deleteRealm } from "../../src/operations/delete-realm.ts";
import { type ExportProgress, exportRealm } from "../../src/operations/export-realm.ts";
import { loadSqlite } from "../../src/store/sql/sqlite/binding.ts";
import { CountedStore } from "../support/counted-store.ts";
import { laterClock } from "../support/operated.ts";
import { commit, organizationRow, realmRow, vlobRow } from "../support/rows.ts";
import { createStore } from "../support/stores.ts";

// What an operation asks for at once does not grow with the realm.

const organizationId = OrganizationId.parse("Acme");
const created = DateTime.fromMicros(1_000_000);
const author = DeviceId.generate();

let folder: string;
let counted: CountedStore;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "parsec-large-"));
  counted = new CountedStore(await createStore());
});
afterEach(async () => {
  await counted.store.close();
  rmSync(folder, { recursive: true });
});

/** A realm with so many vlobs of one size, and blocks without bytes; some of them later than the rest. */
async function realmOf(vlobs: number, blobSize: number, blocks: number): Promise<VlobId> {
  const realmId = VlobId.generate();
  await commit(counted.store, async (tx) => {
    const keys = { rootVerifyKey: new Uint8Array(32), sequesterAuthority: null, on: created };
    await tx.organizations.put({ ...organizationRow(organizationId, created), bootstrap: keys });
    await tx.realms.insert(organizationId, realmRow(realmId, created));
    const later = DateTime.fromMicros(created + 1_000_000);
    for (let index = 0; index < vlobs; index += 1) {
      const timestamp = index % 100 === 9 ? later : created;
      await tx.vlobs.insert(organizationId, realmId, vlobRow(timestamp, { blob: new Uint8Array(blobSize), author }));
    }
    for (let index = 0; index < blocks; index += 1) {
      const createdOn = index % 100 === 9 ? later : created;
      const blockId = BlockId.generate();
      const row = { blockId, author, size: 0, digest: null, keyIndex: 1, createdOn };
      await tx.blocks.insert(organizationId, realmId, row);
    }
  });
  return realmId;
}

async function exported(path: string, sql: string): Promise<unknown> {
  const file = (await loadSqlite())(path);
  try {
    return file.run(sql, []).rows;
  } finally {
    file.close();
  }
}

const stop = new Error("enough");

test("an export reads a realm of 5,000 vlobs by parts, and goes on after each of them", async () => {
  const realmId = await realmOf(5000, 10, 600);
  const path = join(folder, "export.sqlite");
  const realm = { organizationId, realmId, snapshot: created };
  const stores = { store: counted.store, blockStore: new MemoryBlockStore() };
  const [seen, clock] = [[] as ExportProgress[], laterClock()];
  // Each call is stopped after a part; all of them together read nothing twice.
  for (let calls = 0; ; calls += 1) {
    const controller = new AbortController();
    const onProgress = (progress: ExportProgress) => {
      seen.push(progress);
      if (progress.step === "vlobs" && progress.done < progress.total) controller.abort(stop);
      if (progress.step === "blocks_metadata") controller.abort(stop);
    };
    const failure = await exportRealm(stores, realm, path, { clock, signal: controller.signal, onProgress }).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === stop) continue;
    // The blocks have no bytes anywhere: everything before is there.
    expect(failure).toMatchObject({ code: "BLOCK_MISSING" });
    expect(calls).toBe(20);
    break;
  }
  expect(counted.mostRows).toBe(256);
  expect(counted.rows).toBe(5600);
  const vlobBytes = seen.filter(({ step }) => step === "vlobs").map(({ done }) => done);
  expect(vlobBytes).toEqual([...vlobBytes].sort((a, b) => a - b));
  expect(seen.findLast(({ step }) => step === "vlobs")).toMatchObject({ done: 49_500, total: 49_500 });
  const first = "SELECT sequential_id AS place FROM vlob_atom ORDER BY sequential_id LIMIT 10";
  expect(await exported(path, first)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 11].map((place) => ({ place })));
  const counts = `SELECT (SELECT count(*) FROM vlob_atom) AS vlobs, (SELECT max(sequential_id) FROM vlob_atom) AS last,
    (SELECT count(*) FROM block) AS blocks, (SELECT max(sequential_id) FROM block) AS lastBlock`;
  expect(await exported(path, counts)).toEqual([{ vlobs: 4950, last: 5000, blocks: 594, lastBlock: 594 }]);
});

test("an export holds so many bytes at once, however large the vlobs are", async () => {
  const realmId = await realmOf(6, 12 * 1024 * 1024, 0);
  const realm = { organizationId, realmId, snapshot: created };
  const path = join(folder, "export.sqlite");
  await exportRealm({ store: counted.store, blockStore: new MemoryBlockStore() }, realm, path, { clock: laterClock() });
  expect(counted.mostBytes).toBe(24 * 1024 * 1024);
  expect(counted.rows).toBe(6);
  expect(statSync(path).size).toBeGreaterThan(72 * 1024 * 1024);
});

test("a deletion lists a realm of 2,500 blocks by parts, all of them once, and deletes by that list", async () => {
  const realmId = await realmOf(1, 1, 2500);
  const all = await commit(counted.store, (tx) => tx.blocks.list(organizationId, realmId));
  Object.assign(counted, { rows: 0, mostRows: 0 });
  const deleted: BlockId[] = [];
  const blockStore = Object.assign(new MemoryBlockStore(), {
    delete: async ({ blockId }: { readonly blockId: BlockId }) => {
      deleted.push(blockId);
    },
  });
  const dumpPath = join(folder, "blocks.txt");
  const seen: number[] = [];
  const onProgress = ({ done, total }: { readonly done: number; readonly total: number }) => {
    expect(total).toBe(2500);
    seen.push(done);
  };
  const options = { blockStore, now: created, onProgress };
  expect(await deleteRealm(counted.store, { organizationId, realmId, dumpPath }, options)).toBe(2500);
  const ids = all.map(({ blockId }) => blockId);
  expect(deleted).toEqual(ids);
  expect(readFileSync(dumpPath, "utf8")).toBe(ids.map((id) => `Acme/${BlockId.display(id)}\n`).join(""));
  expect([counted.rows, counted.mostRows, seen.length, seen.at(-1)]).toEqual([2500, 1000, 2500, 2500]);
});
