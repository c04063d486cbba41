import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { equalBytes } from "@parsec/base";
import { ChunkId, DeviceId, VlobId } from "@parsec/types";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import type { SqliteConnection } from "../../src/node/sqlite/connection.ts";
import { sqliteDriver } from "../../src/node/sqlite/driver.ts";
import { SqliteFile } from "../../src/node/sqlite/file.ts";
import { loadSqlite } from "../../src/node/sqlite/load.ts";
import { temporaryFolder } from "../support/folder.ts";
import { smallDisk, smallDiskKind } from "../support/small-disk.ts";
import { copyOf, idOf, snapshots } from "../support/snapshot.ts";
import { watchedSqlite } from "../support/watched-sqlite.ts";

const deviceId = DeviceId.generate();
const realmId = VlobId.generate();

/** Opens all four databases of a device and closes them. */
async function touchDevice(dir: string): Promise<void> {
  const device = await sqliteDriver({ dir }).openDevice(deviceId);
  await device.openUser(VlobId.generate());
  await device.openWorkspace(realmId);
  await device.close();
}

function columns(path: string): unknown {
  const database = new Database(path);
  const names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").pluck().all();
  const tables = names.map((name) => [
    name,
    database.pragma(`table_info(${name})`),
    database.pragma(`index_list(${name})`),
    database.prepare("SELECT strict FROM pragma_table_list(?)").pluck().get(name),
  ]);
  const indexes = database.prepare("SELECT name FROM sqlite_master WHERE type = 'index' ORDER BY name").pluck().all();
  const pragmas = ["journal_mode", "auto_vacuum", "user_version", "application_id"].map((name) =>
    database.pragma(name, { simple: true }),
  );
  const indexColumns = indexes.map((name) => [name, database.pragma(`index_info(${name})`)]);
  database.close();
  return { tables, pragmas, indexColumns };
}

describe("the native layout", () => {
  test("files, tables, columns, indexes and pragmas are those of the real client", async () => {
    const [snapshot] = snapshots;
    if (snapshot === undefined) throw new Error("no snapshot");
    const real = await copyOf(snapshot);
    const dir = await temporaryFolder();
    await touchDevice(dir);
    const realRealm = snapshot.workspaces[0]?.realm_id ?? "";
    const files = [
      ["certificates-v1.sqlite", "certificates-v1.sqlite"],
      ["user_data-v1.sqlite", "user_data-v1.sqlite"],
      [join(realmId, "workspace_data-v1.sqlite"), join(realRealm, "workspace_data-v1.sqlite")],
      [join(realmId, "workspace_cache-v1.sqlite"), join(realRealm, "workspace_cache-v1.sqlite")],
    ] as const;
    for (const [ours, theirs] of files) {
      expect(columns(join(dir, deviceId, ours))).toEqual(columns(join(real.dir, snapshot.device_id, theirs)));
    }
    const names = await readdir(join(dir, deviceId), { recursive: true });
    expect(names.sort()).toEqual([...files.map(([name]) => name), realmId].sort());
  });

  test("folders are for their owner alone", async () => {
    const dir = join(await temporaryFolder(), "data");
    await touchDevice(dir);
    for (const folder of [dir, join(dir, deviceId), join(dir, deviceId, realmId)]) {
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    }
  });

  test("an existing workspace file of another auto-vacuum mode is rebuilt, its rows kept", async () => {
    const dir = await temporaryFolder();
    await touchDevice(dir);
    const path = join(dir, deviceId, realmId, "workspace_cache-v1.sqlite");
    const before = new Database(path);
    before.pragma("auto_vacuum = NONE");
    before.exec("VACUUM");
    before.exec("INSERT INTO realm_checkpoint VALUES (0, 12)");
    expect(before.pragma("auto_vacuum", { simple: true })).toBe(0);
    before.close();
    await touchDevice(dir);
    const after = new Database(path);
    expect(after.pragma("auto_vacuum", { simple: true })).toBe(1);
    expect(after.prepare("SELECT checkpoint FROM realm_checkpoint").pluck().get()).toBe(12);
    after.close();
  });

  test("a file that a killed process left in its working mode is not rebuilt", async () => {
    const dir = await temporaryFolder();
    await touchDevice(dir);
    const path = join(dir, deviceId, realmId, "workspace_data-v1.sqlite");
    const left = new Database(path);
    left.pragma("auto_vacuum = INCREMENTAL");
    left.close();
    const sql: string[] = [];
    const loaders = watchedSqlite((call) => sql.push(call.sql));
    const device = await sqliteDriver({ dir, loaders }).openDevice(deviceId);
    await device.openWorkspace(realmId);
    await device.close();
    expect(sql).not.toContain("VACUUM");
    const after = new Database(path);
    expect(after.pragma("auto_vacuum", { simple: true })).toBe(1);
    after.close();
  });

  test("space of deleted chunks goes back to the file system, and small gaps are used again", async () => {
    const dir = await temporaryFolder();
    const device = await sqliteDriver({ dir }).openDevice(deviceId);
    onTestFinished(() => device.close());
    const workspace = await device.openWorkspace(realmId);
    const path = join(dir, deviceId, realmId, "workspace_data-v1.sqlite");
    const size = () => statSync(path).size;
    const put = async (count: number) => {
      const chunks = Array.from({ length: count }, () => ({ id: ChunkId.generate(), data: new Uint8Array(500_000) }));
      await workspace.apply(chunks.map((chunk) => ({ kind: "put_chunk", chunk })));
      return chunks.map(({ id }) => id);
    };
    const remove = (ids: readonly ChunkId[]) => workspace.apply(ids.map((id) => ({ kind: "delete_chunk", id })));
    const [kept] = await put(1);
    for (let round = 0; round < 10; round += 1) await remove(await put(10));
    expect(size()).toBeLessThan(13_000_000);
    const many = await put(80);
    expect(size()).toBeGreaterThan(38_000_000);
    await remove(many);
    expect(size()).toBeLessThan(2_000_000);
    expect(kept === undefined ? undefined : await workspace.chunk(kept)).toHaveLength(500_000);
    await remove(await put(20));
    await workspace.close();
    expect(size()).toBeLessThan(2_000_000);
  });

  test("a file that gives nothing back is closed all the same", async () => {
    const said: string[] = [];
    const connection: SqliteConnection = {
      exec: (sql) => {
        said.push(sql);
        if (said.length > 100) throw new Error("it goes on for ever");
      },
      run: () => undefined,
      get: () => ({ page_count: 20, freelist_count: 10 }),
      all: () => [],
      close: () => void said.push("close"),
    };
    const file = new SqliteFile(connection, { reopen: () => connection, autoVacuum: true });
    await file.finish();
    expect(said.filter((sql) => sql.includes("incremental_vacuum"))).toHaveLength(1);
    expect(said.at(-1)).toBe("close");
  });

  test("chunks and blocks have the columns that the reference fills", async () => {
    const dir = await temporaryFolder();
    const device = await sqliteDriver({ dir }).openDevice(deviceId);
    const workspace = await device.openWorkspace(realmId);
    const ids = [ChunkId.generate(), ChunkId.generate()] as const;
    for (const id of ids) await workspace.apply([{ kind: "put_chunk", chunk: { id, data: new Uint8Array(45) } }]);
    await workspace.moveChunksToBlocks([ids[1]], 1_700_000_000_000_001, []);
    await device.close();
    const read = (name: string) => {
      const database = new Database(join(dir, deviceId, realmId, name));
      const row = database.prepare("SELECT hex(chunk_id) AS id, size, offline, accessed_on FROM chunks").all();
      database.close();
      return row;
    };
    const row = { size: 45, offline: 0 };
    expect(read("workspace_data-v1.sqlite")).toEqual([{ ...row, id: ids[0].toUpperCase(), accessed_on: null }]);
    expect(read("workspace_cache-v1.sqlite")).toEqual([
      { ...row, id: ids[1].toUpperCase(), accessed_on: 1_700_000_000_000_001 },
    ]);
  });
});

describe("a check", () => {
  test("creates the data folder and leaves it empty", async () => {
    const dir = join(await temporaryFolder(), "new", "data");
    await sqliteDriver({ dir }).check();
    expect(await readdir(dir)).toEqual([]);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  test("tells that a file is in the place of the data folder", async () => {
    const dir = join(await temporaryFolder(), "data");
    writeFileSync(dir, "not a folder");
    await expect(sqliteDriver({ dir }).check()).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
  });

  test("tells that there is no SQLite", async () => {
    const dir = join(await temporaryFolder(), "data");
    const loaders = [() => Promise.reject(new Error("no native module"))];
    await expect(sqliteDriver({ dir, loaders }).check()).rejects.toMatchObject({ code: "NATIVE_MODULE_MISSING" });
    expect(existsSync(dir)).toBe(false);
  });
});

describe("what is in the way", () => {
  test("a file instead of the data folder", async () => {
    const dir = join(await temporaryFolder(), "data");
    writeFileSync(dir, "not a folder");
    await expect(sqliteDriver({ dir }).openDevice(deviceId)).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
  });

  test("a folder instead of a database", async () => {
    const dir = await temporaryFolder();
    mkdirSync(join(dir, deviceId, "certificates-v1.sqlite"), { recursive: true });
    await expect(sqliteDriver({ dir }).openDevice(deviceId)).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
  });

  test("something that is no database; the device can be removed all the same", async () => {
    const dir = await temporaryFolder();
    mkdirSync(join(dir, deviceId), { recursive: true });
    writeFileSync(join(dir, deviceId, "certificates-v1.sqlite"), "x".repeat(5000));
    const driver = sqliteDriver({ dir });
    await expect(driver.openDevice(deviceId)).rejects.toMatchObject({
      code: "STORAGE_CORRUPTED",
      message: expect.stringMatching(/certificates-v1.sqlite is damaged.* move it away/),
    });
    await driver.removeDevice(deviceId);
    expect(existsSync(join(dir, deviceId))).toBe(false);
    await (await driver.openDevice(deviceId)).close();
  });

  test("a damaged workspace file leaves the device usable", async () => {
    const dir = await temporaryFolder();
    await touchDevice(dir);
    writeFileSync(join(dir, deviceId, realmId, "workspace_data-v1.sqlite"), "x".repeat(5000));
    const device = await sqliteDriver({ dir }).openDevice(deviceId);
    onTestFinished(() => device.close());
    await expect(device.openWorkspace(realmId)).rejects.toMatchObject({
      code: "STORAGE_CORRUPTED",
      message: expect.stringMatching(/workspace_data-v1.sqlite is damaged.* keep it/),
    });
    expect(await device.certificates.all()).toEqual([]);
  });

  test("a row with an impossible value", async () => {
    const [snapshot] = snapshots;
    if (snapshot === undefined) throw new Error("no snapshot");
    const { dir, owner } = await copyOf(snapshot);
    const [expected] = snapshot.workspaces;
    if (expected === undefined) throw new Error("no workspace");
    const realm = expected.realm_id;
    const database = new Database(join(dir, owner.deviceId, realm, "workspace_data-v1.sqlite"));
    database.exec("UPDATE vlobs SET vlob_id = x'0102' WHERE rowid = (SELECT MIN(rowid) FROM vlobs)");
    database.close();
    const device = await sqliteDriver({ dir }).openDevice(owner.deviceId);
    onTestFinished(() => device.close());
    const workspace = await device.openWorkspace(idOf(VlobId, realm));
    const { items } = await workspace.vlobs(undefined, 10);
    expect(items).toHaveLength(expected.manifests.length - 1);
  });
});

describe("no SQLite", () => {
  test("neither better-sqlite3 nor the runtime's own: a typed error", async () => {
    const missing = () => Promise.reject(new Error("Cannot find package 'better-sqlite3'"));
    await expect(loadSqlite([missing, missing])).rejects.toMatchObject({ code: "NATIVE_MODULE_MISSING" });
  });

  test("the second binding is used when the first one fails", async () => {
    const missing = () => Promise.reject(new Error("no native module"));
    const open = await loadSqlite();
    expect(await loadSqlite([missing, () => Promise.resolve(open)])).toBe(open);
  });
});

describe(`a full disk: ${smallDiskKind}`, () => {
  test("the write fails with STORAGE_FULL, what was there stays, and works again when there is room", async () => {
    const { driver, fill, free } = await smallDisk(2);
    const device = await driver.openDevice(deviceId);
    onTestFinished(() => device.close());
    const workspace = await device.openWorkspace(realmId);
    const newChunk = () => ({ id: ChunkId.generate(), data: crypto.getRandomValues(new Uint8Array(60_000)) });
    const write = (...chunks: ReturnType<typeof newChunk>[]) =>
      workspace.apply(chunks.map((chunk) => ({ kind: "put_chunk", chunk })));
    const [kept, lost] = [newChunk(), newChunk()];
    await write(kept);
    fill();
    await expect(write(lost, ...Array.from({ length: 20 }, newChunk))).rejects.toMatchObject({ code: "STORAGE_FULL" });
    expect(await workspace.chunk(lost.id)).toBeUndefined();
    expect(equalBytes((await workspace.chunk(kept.id)) ?? new Uint8Array(), kept.data)).toBe(true);
    free();
    await write(lost);
    expect(equalBytes((await workspace.chunk(lost.id)) ?? new Uint8Array(), lost.data)).toBe(true);
  });
});
