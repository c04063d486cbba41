import { cpSync } from "node:fs";
import { join } from "node:path";
import { ChunkId, DeviceId, VlobId } from "@parsec/types";
import { describe, expect, onTestFinished, test } from "vitest";
import { StorageError } from "../../src/index.ts";
import { sqliteDriver } from "../../src/node/sqlite/driver.ts";
import { expectedStates, expectStep } from "../driver/fault-contract.ts";
import { startProgram } from "../support/child.ts";
import { temporaryFolder } from "../support/folder.ts";
import { sqliteFailure, watchedSqlite } from "../support/watched-sqlite.ts";
import { openAll, steps, workDeviceId } from "../support/workload.ts";

// Every statement of every step fails once, and the process is killed before every one of them.

const states = await expectedStates();
const writing = /^(BEGIN|COMMIT|INSERT|UPDATE|DELETE)/;

describe.each(["SQLITE_IOERR_WRITE", "SQLITE_FULL", "SQLITE_CORRUPT"])("%s at the k-th write, for every k", (code) => {
  test("the step is not stored, or stored whole; the others go on", { timeout: 120_000 }, async () => {
    for (let k = 1; ; k += 1) {
      let left = Number.POSITIVE_INFINITY;
      let hasFailed = false;
      const loaders = watchedSqlite(({ kind, sql }) => {
        if ((kind !== "exec" && kind !== "run" && kind !== "get") || !writing.test(sql)) return;
        left -= 1;
        if (left !== 0) return;
        hasFailed = true;
        throw sqliteFailure(code);
      });
      const driver = sqliteDriver({ dir: await temporaryFolder(), loaders });
      const device = await driver.openDevice(workDeviceId);
      const opened = await openAll(device);
      left = k;
      for (const [index, step] of steps.entries()) {
        const error = await step(opened).then(
          () => undefined,
          (failure: unknown) => failure,
        );
        if (error === undefined) continue;
        expect(error).toBeInstanceOf(StorageError);
        const isMove = index === 5;
        await expectStep(opened, index, states, { orNext: isMove });
        await step(opened);
      }
      await expectStep(opened, steps.length, states, { orNext: false });
      left = Number.POSITIVE_INFINITY;
      await device.close();
      const again = await driver.openDevice(workDeviceId);
      await expectStep(await openAll(again), steps.length, states, { orNext: false });
      await again.close();
      if (!hasFailed) {
        expect(k).toBeGreaterThan(30);
        return;
      }
    }
  });
});

/** Opens what a process left behind, and finishes its work. */
async function expectFinishable(dir: string, acknowledged: number, isDone: boolean): Promise<void> {
  const device = await sqliteDriver({ dir }).openDevice(workDeviceId);
  const opened = await openAll(device);
  const reached = await expectStep(opened, acknowledged, states, { orNext: !isDone });
  for (const step of steps.slice(reached)) await step(opened);
  await expectStep(opened, steps.length, states, { orNext: false });
  await device.close();
}

test("content on its way to the cache is there before it is gone from the data", async () => {
  const steps: string[] = [];
  const loaders = watchedSqlite(({ path, kind, sql }) => {
    const what = /^(INSERT INTO|DELETE FROM) chunks/.exec(sql)?.[1];
    if (kind === "run" && what !== undefined) steps.push(`${what} ${path.includes("cache") ? "cache" : "data"}`);
    if (sql === "COMMIT") steps.push("COMMIT");
  });
  const device = await sqliteDriver({ dir: await temporaryFolder(), loaders }).openDevice(DeviceId.generate());
  onTestFinished(() => device.close());
  const workspace = await device.openWorkspace(VlobId.generate());
  const chunks = Array.from({ length: 5 }, () => ({ id: ChunkId.generate(), data: new Uint8Array(10) }));
  await workspace.apply(chunks.map((chunk) => ({ kind: "put_chunk", chunk })));
  steps.length = 0;
  await workspace.moveChunksToBlocks(
    chunks.map(({ id }) => id),
    1,
    [],
  );
  const last = steps.lastIndexOf("INSERT INTO cache");
  expect(steps.filter((step) => step === "INSERT INTO cache")).toHaveLength(5);
  expect(steps.indexOf("DELETE FROM data")).toBeGreaterThan(steps.indexOf("COMMIT", last));
});

describe("a process that dies", () => {
  test("before the k-th statement, for every k: the files as they are at that moment", {
    timeout: 120_000,
  }, async () => {
    const dir = await temporaryFolder();
    const copies: { readonly dir: string; readonly acknowledged: number }[] = [];
    const parent = await temporaryFolder();
    let acknowledged: number | undefined;
    const loaders = watchedSqlite(({ kind }) => {
      if (acknowledged === undefined || kind === "close") return;
      const copy = join(parent, String(copies.length));
      cpSync(dir, copy, { recursive: true });
      copies.push({ dir: copy, acknowledged });
    });
    const device = await sqliteDriver({ dir, loaders }).openDevice(workDeviceId);
    const opened = await openAll(device);
    for (const [index, step] of steps.entries()) {
      acknowledged = index;
      await step(opened);
    }
    acknowledged = undefined;
    await device.close();
    expect(copies.length).toBeGreaterThan(30);
    for (const copy of copies) await expectFinishable(copy.dir, copy.acknowledged, false);
  });

  test.each([2, 9, 16, 23, 30, 37, 1000])("by SIGKILL, before statement %i", { timeout: 60_000 }, async (k) => {
    const dir = await temporaryFolder();
    const child = await startProgram("mortal-program.ts", [dir, String(k)]);
    const code = await child.ended;
    expect(code).toBe(k === 1000 ? 0 : null);
    await expectFinishable(dir, child.lines.filter((line) => line.startsWith("done ")).length, code === 0);
  });
});
