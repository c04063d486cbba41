import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { ChunkId, DeviceId, VlobId } from "@parsec/types";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { sqliteDriver } from "../../src/node/sqlite/driver.ts";
import { temporaryFolder } from "../support/folder.ts";
import { type SqlCall, sqliteFailure, watchedSqlite } from "../support/watched-sqlite.ts";

const deviceId = DeviceId.generate();
const realmId = VlobId.generate();
const dataFile = "workspace_data-v1.sqlite";

/** A workspace with checkpoint 1 whose binding fails as `failing` says, once it is set. */
async function breakable() {
  const dir = await temporaryFolder();
  let failing: ((call: SqlCall) => string | undefined) | undefined;
  let opened = 0;
  const loaders = watchedSqlite((call) => {
    if (!call.path.endsWith(dataFile)) return;
    if (call.kind === "open") opened += 1;
    const code = failing?.(call);
    if (code !== undefined) throw sqliteFailure(code);
  });
  const driver = sqliteDriver({ dir, loaders });
  const device = await driver.openDevice(deviceId);
  onTestFinished(async () => {
    failing = undefined;
    await device.close();
  });
  const workspace = await device.openWorkspace(realmId);
  await workspace.apply([{ kind: "put_checkpoint", checkpoint: 1 }]);
  opened = 0;
  return {
    device,
    driver,
    workspace,
    path: join(dir, deviceId, realmId, dataFile),
    fail: (how: typeof failing) => {
      failing = how;
    },
    opened: () => opened,
  };
}

/** Fails the first `times` calls that `isMeant`. */
function times(count: number, code: string, isMeant: (call: SqlCall) => boolean) {
  let left = count;
  return (call: SqlCall) => (isMeant(call) && left-- > 0 ? code : undefined);
}

describe("a connection that breaks", () => {
  test("while something is read: it is opened again, once", async () => {
    const { workspace, fail, opened } = await breakable();
    fail(times(1, "SQLITE_IOERR_READ", ({ kind }) => kind === "get"));
    expect(await workspace.checkpoint()).toBe(1);
    expect(opened()).toBe(1);
    fail(times(2, "SQLITE_IOERR_READ", ({ sql }) => sql.includes("realm_checkpoint")));
    await expect(workspace.checkpoint()).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
    expect(await workspace.checkpoint()).toBe(1);
  });

  test("before anything is written: it is opened again, once", async () => {
    const { workspace, fail, opened } = await breakable();
    fail(times(1, "SQLITE_IOERR", ({ sql }) => sql.startsWith("BEGIN")));
    await workspace.apply([{ kind: "put_checkpoint", checkpoint: 2 }]);
    expect(opened()).toBe(1);
    expect(await workspace.checkpoint()).toBe(2);
  });

  test.each(["run", "COMMIT"])(
    "in the middle of a write (%s): the error is told, nothing is tried twice",
    async (at) => {
      const { workspace, fail } = await breakable();
      const isMeant = ({ kind, sql }: SqlCall) => (at === "run" ? kind === "run" : sql === "COMMIT");
      const writes: string[] = [];
      const failure = times(1, "SQLITE_IOERR_WRITE", isMeant);
      fail((call) => {
        if (call.kind === "run") writes.push(call.sql);
        return failure(call);
      });
      const change = [
        { kind: "put_checkpoint", checkpoint: 2 },
        { kind: "put_chunk", chunk: { id: ChunkId.generate(), data: Uint8Array.of(1) } },
      ] as const;
      await expect(workspace.apply(change)).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
      expect(writes).toHaveLength(at === "run" ? 1 : 2);
      expect(await workspace.checkpoint()).toBe(1);
      await workspace.apply(change);
      expect(await workspace.checkpoint()).toBe(2);
    },
  );

  test("for good: a typed error each time, and the device can be closed and opened", async () => {
    const { driver, device, workspace, fail } = await breakable();
    fail(() => "SQLITE_CANTOPEN");
    for (let i = 0; i < 3; i += 1) {
      await expect(workspace.checkpoint()).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
      await expect(workspace.apply([])).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
    }
    await device.close().catch((error: unknown) => expect(error).toMatchObject({ name: "StorageError" }));
    fail(undefined);
    const again = await driver.openDevice(deviceId);
    expect(await (await again.openWorkspace(realmId)).checkpoint()).toBe(1);
    await again.close();
  });

  test("because its file is gone: no empty one is made in its place", async () => {
    const { workspace, path, fail } = await breakable();
    renameSync(path, `${path}.moved`);
    fail(times(1, "SQLITE_READONLY_DBMOVED", ({ kind }) => kind === "get"));
    await expect(workspace.checkpoint()).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
    expect(existsSync(path)).toBe(false);
    renameSync(`${path}.moved`, path);
    expect(await workspace.checkpoint()).toBe(1);
  });
});

test("a file that cannot be closed keeps no other open: the device is given back", async () => {
  const { driver, device, fail } = await breakable();
  fail(({ kind }) => (kind === "close" ? "SQLITE_IOERR_CLOSE" : undefined));
  await expect(device.close()).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
  fail(undefined);
  await (await driver.openDevice(deviceId)).close();
});

test("somebody writes to the data file: a typed error, and all works once they are done", async () => {
  const { workspace, path } = await breakable();
  const other = new Database(path);
  onTestFinished(() => {
    other.close();
  });
  other.exec("BEGIN IMMEDIATE");
  await expect(workspace.apply([{ kind: "put_checkpoint", checkpoint: 2 }])).rejects.toMatchObject({
    code: "DEVICE_IN_USE",
  });
  expect(await workspace.checkpoint()).toBe(1);
  other.exec("ROLLBACK");
  await workspace.apply([{ kind: "put_checkpoint", checkpoint: 2 }]);
  expect(await workspace.checkpoint()).toBe(2);
});
