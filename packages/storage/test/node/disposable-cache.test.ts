import { mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { equalBytes, SettableClock } from "@parsec/base";
import { BlockId, VlobId } from "@parsec/types";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { type DeviceStorage, openDeviceStorage, type StorageDriver, type WorkspaceStore } from "../../src/index.ts";
import { sqliteDriver } from "../../src/node/sqlite/driver.ts";
import { fileManifest, newChunk, newOwner, now, realmId } from "../support/fixtures.ts";
import { temporaryFolder } from "../support/folder.ts";
import { smallDisk, smallDiskKind } from "../support/small-disk.ts";
import { sqliteFailure, watchedSqlite } from "../support/watched-sqlite.ts";

// Whatever happens to the block cache, a read finds a block as it was or not at all, and a block that comes again from
// the server is kept again. What must not be lost, in the other file, does not notice.

const nothing = new Uint8Array();
const entry = VlobId.generate();
const waiting = newChunk(50_000);
const blocks = Array.from({ length: 12 }, () => ({
  id: BlockId.generate(),
  data: crypto.getRandomValues(new Uint8Array(30_000)),
}));

interface Cached {
  readonly path: string;
  readonly open: () => Promise<{ readonly storage: DeviceStorage; readonly store: WorkspaceStore }>;
}

/** A device with content that waits and with a full cache, closed. */
async function prepare(driver?: StorageDriver): Promise<Cached> {
  const dir = await temporaryFolder();
  const owner = newOwner();
  const clock = new SettableClock(now);
  const open = async () => {
    const storage = await openDeviceStorage(driver ?? sqliteDriver({ dir }), owner, { clock });
    onTestFinished(() => storage.close());
    return { storage, store: await storage.openWorkspace(realmId) };
  };
  const { storage, store } = await open();
  await store.updateManifestAndChunks(fileManifest(entry, 0, true), [waiting], []);
  for (const { id, data } of blocks) await store.setBlock(id, data);
  await storage.close();
  return { path: join(dir, owner.deviceId, realmId, "workspace_cache-v1.sqlite"), open };
}

async function expectRightOrAbsent(store: WorkspaceStore): Promise<void> {
  for (const { id, data } of blocks) {
    const found = await store.getBlock(id);
    expect(found === undefined || equalBytes(found, data)).toBe(true);
  }
}

async function expectDataUnharmed(store: WorkspaceStore): Promise<void> {
  expect(equalBytes((await store.getChunk(waiting.id)) ?? nothing, waiting.data)).toBe(true);
  expect(await store.getManifest(entry)).toEqual(fileManifest(entry, 0, true));
  expect(await store.getOutboundNeedSync(9)).toEqual([entry]);
}

/** As a reader does: what is not there is fetched, and put in the cache. */
async function fetchAgain(store: WorkspaceStore): Promise<void> {
  for (const { id, data } of blocks) if ((await store.getBlock(id)) === undefined) await store.setBlock(id, data);
}

async function expectAllCached(store: WorkspaceStore): Promise<void> {
  for (const { id, data } of blocks) expect(equalBytes((await store.getBlock(id)) ?? nothing, data)).toBe(true);
}

function writeOtherSchema(path: string, sql: string): void {
  rmSync(path, { force: true });
  const database = new Database(path);
  database.exec(sql);
  database.close();
}

const damages: readonly (readonly [string, (path: string) => void])[] = [
  ["garbage", (path) => writeFileSync(path, crypto.getRandomValues(new Uint8Array(50_000)))],
  ["garbage behind a good header", (path) => spoil(path, 4096)],
  ["garbage behind a good page", (path) => spoil(path, 3 * 4096)],
  ["a text", (path) => writeFileSync(path, "not a database")],
  ["half of it", (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2))],
  ["a cut in the middle of a page", (path) => truncateSync(path, 5000)],
  ["zero length", (path) => writeFileSync(path, "")],
  ["gone", (path) => rmSync(path)],
  ["a folder in its place", (path) => (rmSync(path), mkdirSync(join(path, "sub"), { recursive: true }))],
  ["other tables", (path) => writeOtherSchema(path, "CREATE TABLE other (a)")],
  ["other columns", (path) => writeOtherSchema(path, "CREATE TABLE chunks (chunk_id BLOB PRIMARY KEY, bytes BLOB)")],
  ["a column too many", (path) => writeOtherSchema(path, oneColumnMore)],
  ["a view", (path) => writeOtherSchema(path, "CREATE VIEW chunks AS SELECT 1 AS chunk_id, 2 AS data")],
];

const oneColumnMore = `CREATE TABLE chunks (chunk_id BLOB PRIMARY KEY, size INTEGER, offline INTEGER, accessed_on INTEGER,
  data BLOB, more INTEGER NOT NULL)`;

function spoil(path: string, from: number): void {
  const bytes = readFileSync(path);
  crypto.getRandomValues(bytes.subarray(from, from + 60_000));
  writeFileSync(path, bytes);
}

describe.each(damages)("the cache file: %s", (_, damage) => {
  test("before it is opened", async () => {
    const { path, open } = await prepare();
    damage(path);
    const { storage, store } = await open();
    await expectRightOrAbsent(store);
    await expectDataUnharmed(store);
    await fetchAgain(store);
    await expectAllCached(store);
    await storage.close();
    await expectAllCached((await open()).store);
  });

  test("while it is open: nothing fails, and the next start cures it", async () => {
    const { path, open } = await prepare();
    const { storage, store } = await open();
    await store.getBlock(blocks[0]?.id ?? BlockId.generate());
    damage(path);
    await expectRightOrAbsent(store);
    await fetchAgain(store);
    await expectRightOrAbsent(store);
    await store.setChunk(waiting.id, waiting.data);
    await store.promoteChunkToBlock(waiting.id);
    await store.updateManifestAndChunks(fileManifest(entry, 0, true), [waiting], []);
    await storage.close();
    const again = (await open()).store;
    await expectRightOrAbsent(again);
    await expectDataUnharmed(again);
    await fetchAgain(again);
    await expectAllCached(again);
  });
});

test("the cache file is replaced by another one while it is open", async () => {
  const { path, open } = await prepare();
  const other = await prepare();
  const { storage, store } = await open();
  renameSync(other.path, path);
  await expectRightOrAbsent(store);
  await fetchAgain(store);
  await storage.close();
  const again = (await open()).store;
  await expectRightOrAbsent(again);
  await fetchAgain(again);
  await expectAllCached(again);
});

test("random bytes at random places, again and again", { timeout: 120_000 }, async () => {
  const { path, open } = await prepare();
  const size = readFileSync(path).length;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(size - 1), fc.nat(255)), { minLength: 1, maxLength: 30 }),
      async (cuts) => {
        const bytes = readFileSync(path);
        for (const [at, value] of cuts) if (at < bytes.length) bytes[at] = value;
        writeFileSync(path, bytes);
        const { storage, store } = await open();
        await expectRightOrAbsent(store);
        await expectDataUnharmed(store);
        await fetchAgain(store);
        await expectAllCached(store);
        await storage.close();
      },
    ),
    { numRuns: 15 },
  );
});

describe("one block", () => {
  const damagedRows: readonly (readonly [string, string])[] = [
    ["empty", "UPDATE chunks SET data = x''"],
    ["shorter than a nonce", "UPDATE chunks SET data = x'010203'"],
    ["cut", "UPDATE chunks SET data = substr(data, 1, 1000)"],
    ["longer", "UPDATE chunks SET data = CAST(data || x'00' AS BLOB)"],
    ["altered", "UPDATE chunks SET data = CAST(x'00' || substr(data, 2) AS BLOB)"],
    ["of another key", "UPDATE chunks SET data = randomblob(length(data))"],
  ];

  test.each(damagedRows)("%s: is not there, and is kept again when it comes again", async (_, sql) => {
    const { path, open } = await prepare();
    const [damaged, other] = blocks;
    if (damaged === undefined || other === undefined) throw new Error("no blocks");
    const database = new Database(path);
    database.prepare(`${sql} WHERE chunk_id = ?`).run(Buffer.from(damaged.id, "hex"));
    database.close();
    const { store } = await open();
    expect(await store.getBlock(damaged.id)).toBeUndefined();
    expect(await store.blockIds()).not.toContain(damaged.id);
    expect(await store.getBlock(other.id)).toEqual(other.data);
    await store.setBlock(damaged.id, damaged.data);
    expect(await store.getBlock(damaged.id)).toEqual(damaged.data);
  });
});

describe("a cache that cannot be used for a while", () => {
  test("somebody has locked it: nothing is found, nothing fails; then it is there again", async () => {
    const { path, open } = await prepare();
    const locker = new Database(path);
    onTestFinished(() => {
      locker.close();
    });
    locker.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT; BEGIN EXCLUSIVE");
    const { store } = await open();
    await fetchAgain(store);
    await expectRightOrAbsent(store);
    await expectDataUnharmed(store);
    locker.close();
    await fetchAgain(store);
    await expectAllCached(store);
  });

  test("a write lock comes and goes while it is open", async () => {
    const { path, open } = await prepare();
    const { store } = await open();
    const locker = new Database(path);
    onTestFinished(() => {
      locker.close();
    });
    locker.exec("BEGIN IMMEDIATE");
    const fresh = { id: BlockId.generate(), data: Uint8Array.of(7) };
    await store.setBlock(fresh.id, fresh.data);
    expect(await store.getBlock(fresh.id)).toBeUndefined();
    await expectAllCached(store);
    locker.exec("ROLLBACK");
    await store.setBlock(fresh.id, fresh.data);
    expect(await store.getBlock(fresh.id)).toEqual(fresh.data);
  });

  test.each(["SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR_WRITE", "SQLITE_FULL", "EACCES", "EROFS"])(
    "every call to it fails with %s: content is read from the server, uploads end, nothing fails",
    async (code) => {
      let isBroken = false;
      const dir = await temporaryFolder();
      const loaders = watchedSqlite(({ path, kind }) => {
        if (isBroken && kind !== "close" && path.includes("workspace_cache")) throw sqliteFailure(code);
      });
      const { open } = await prepare(sqliteDriver({ dir, loaders }));
      isBroken = true;
      const { store } = await open();
      await fetchAgain(store);
      await expectRightOrAbsent(store);
      await expectDataUnharmed(store);
      const chunk = newChunk(1000);
      await store.setChunk(chunk.id, chunk.data);
      await store.markChunksSent([chunk.id]);
      await store.moveSentChunksToBlocks([chunk.id]);
      expect(await store.getChunkInfo(chunk.id)).toBeUndefined();
      isBroken = false;
      await fetchAgain(store);
      await expectAllCached(store);
    },
  );
});

describe(`the disk is full: ${smallDiskKind}`, () => {
  test("reads go on, the cache makes room for what must be kept, and all works again when there is space", async () => {
    const { driver, fill, free } = await smallDisk(8);
    const { open } = await prepare(driver);
    const { store } = await open();
    fill();
    await fetchAgain(store);
    await expectRightOrAbsent(store);
    // A whole batch of it does not fit, cache or not.
    const many = Array.from({ length: 400 }, () => newChunk(60_000));
    await expect(store.setChunks(many)).rejects.toMatchObject({ code: "STORAGE_FULL" });
    await expectDataUnharmed(store);
    await fetchAgain(store);
    await expectRightOrAbsent(store);
    free();
    const chunk = newChunk(1000);
    await store.setChunk(chunk.id, chunk.data);
    expect(await store.getChunk(chunk.id)).toEqual(chunk.data);
    await fetchAgain(store);
    await expectAllCached(store);
    await expectDataUnharmed(store);
  });
});
