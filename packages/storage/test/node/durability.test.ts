import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { basename, dirname, join } from "node:path";
import { DeviceId, VlobId } from "@parsec/types";
import { describe, expect, onTestFinished, test } from "vitest";
import type { SqliteConnection } from "../../src/node/sqlite/connection.ts";
import { sqliteDriver } from "../../src/node/sqlite/driver.ts";
import { loadSqlite } from "../../src/node/sqlite/load.ts";
import { temporaryFolder } from "../support/folder.ts";
import { sqliteFailure, watchedSqlite } from "../support/watched-sqlite.ts";

const deviceId = DeviceId.generate();
const realmId = VlobId.generate();

describe("what is acknowledged outlives a power cut", () => {
  test("the data files write with synchronous=FULL, the cache with NORMAL: read back from each connection", async () => {
    const connections = new Map<string, SqliteConnection>();
    const open = await loadSqlite();
    const remembering = async () => (path: string) => {
      const connection = open(path);
      connections.set(basename(path), connection);
      return connection;
    };
    const device = await sqliteDriver({ dir: await temporaryFolder(), loaders: [remembering] }).openDevice(deviceId);
    onTestFinished(() => device.close());
    await device.openUser(VlobId.generate());
    await device.openWorkspace(realmId);
    const levels = [...connections].map(([name, connection]) => [
      name,
      connection.get("PRAGMA synchronous")?.["synchronous"],
      connection.get("PRAGMA journal_mode")?.["journal_mode"],
    ]);
    expect(levels).toEqual([
      ["certificates-v1.sqlite", 2, "wal"],
      ["user_data-v1.sqlite", 2, "wal"],
      ["workspace_data-v1.sqlite", 2, "wal"],
      ["workspace_cache-v1.sqlite", 1, "wal"],
    ]);
  });

  test("a SQLite that does not take the level is refused", async () => {
    const open = await loadSqlite();
    const careless = async () => (path: string) => {
      const connection = open(path);
      const exec = (sql: string) => connection.exec(/synchronous/.test(sql) ? "PRAGMA synchronous = OFF" : sql);
      return { ...connection, exec };
    };
    const driver = sqliteDriver({ dir: await temporaryFolder(), loaders: [careless] });
    await expect(driver.openDevice(deviceId)).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
  });

  test("a connection that is opened again is as durable as the first", async () => {
    const levels: unknown[] = [];
    let isBroken = true;
    const loaders = watchedSqlite(({ path, kind, sql }) => {
      if (!path.endsWith("workspace_data-v1.sqlite")) return;
      if (sql.startsWith("PRAGMA synchronous =")) levels.push(sql);
      if (isBroken && kind === "get" && sql.includes("realm_checkpoint")) {
        isBroken = false;
        throw sqliteFailure("SQLITE_IOERR_READ");
      }
    });
    const device = await sqliteDriver({ dir: await temporaryFolder(), loaders }).openDevice(deviceId);
    onTestFinished(() => device.close());
    expect(await (await device.openWorkspace(realmId)).checkpoint()).toBe(0);
    expect(levels.map(String)).toEqual(["NORMAL", "FULL", "FULL"].map((level) => `PRAGMA synchronous = ${level}`));
  });

  test("each new folder is synced into the one above it, and the files into theirs", async () => {
    const top = await temporaryFolder();
    const dir = join(top, "parsec", "data");
    const synced = watchFolderSyncs();
    const device = await sqliteDriver({ dir }).openDevice(deviceId);
    onTestFinished(() => device.close());
    expect(synced()).toEqual(new Set([top, dirname(dir), dir, join(dir, deviceId)]));
    await device.openWorkspace(realmId);
    expect(synced()).toEqual(new Set([join(dir, deviceId), join(dir, deviceId, realmId)]));
    await device.close();
    await (await sqliteDriver({ dir }).openDevice(deviceId)).close();
    expect(synced()).toEqual(new Set());
  });
});

/** Gives the folders that were synced since it was last asked. */
function watchFolderSyncs(): () => Set<string> {
  const { openSync, fsyncSync } = fs;
  const paths = new Map<number, string>();
  let synced = new Set<string>();
  fs.openSync = (path, ...rest) => {
    const descriptor = openSync(path, ...rest);
    paths.set(descriptor, String(path));
    return descriptor;
  };
  fs.fsyncSync = (descriptor) => {
    fsyncSync(descriptor);
    synced.add(paths.get(descriptor) ?? "");
  };
  syncBuiltinESMExports();
  onTestFinished(() => {
    Object.assign(fs, { openSync, fsyncSync });
    syncBuiltinESMExports();
  });
  return () => {
    const before = synced;
    synced = new Set();
    return before;
  };
}
