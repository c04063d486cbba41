import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Workspace } from "@parsec/client";
import { OfflineError } from "@parsec/connection";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, platformDriver, type StorageDriver } from "@parsec/storage";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { codeOf, expectSame } from "../support/assertions.ts";
import { LooseDevices } from "../support/loose-devices.ts";
import { chunksOnDevice } from "../support/meddled-driver.ts";
import { type CountedDevice, countedDevice } from "../support/some-devices.ts";
import { pattern, readAll } from "../support/two-devices.ts";

// What is kept on a device, with a block cache that has room for much less.

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

const blocksize = 512 * 1024;
const [big, small] = [pattern(5 * blocksize + 7, 1), pattern(100, 2)];
const ports = { blockCacheBytes: 2 * blocksize };

/** Two files in a folder, on the server; a device that has nothing of them yet. */
async function fixture(storage: StorageDriver = memoryDriver()) {
  const devices = await LooseDevices.load(server);
  const other = await countedDevice(devices, 1);
  await other.workspace.createFolder("/d/e", { recursive: true });
  await other.workspace.writeFile("/d/big", big);
  await other.workspace.writeFile("/d/e/small", small);
  await other.workspace.writeFile("/outside", pattern(4 * blocksize, 3));
  await other.workspace.sync();
  const here = await countedDevice(devices, 0, { ...ports, storage });
  await here.workspace.sync();
  return { devices, other, storage, here };
}

function goOffline({ transport }: CountedDevice): void {
  transport.hooks = {
    before: () => {
      throw new OfflineError("no network");
    },
  };
}

async function expectHere(workspace: Workspace): Promise<void> {
  expect(await workspace.isLocal("/d/big")).toBe(true);
  expectSame(await readAll(workspace, "/d/big"), big);
  expectSame(await readAll(workspace, "/d/e/small"), small);
}

const drivers: readonly (readonly [string, () => StorageDriver])[] = [
  ["in memory", memoryDriver],
  ["in SQLite", onDisk],
];

function onDisk(): StorageDriver {
  const folder = mkdtempSync(join(tmpdir(), "parsec-kept-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return platformDriver(folder);
}

test.each(drivers)("is there without the network, also after the session and a purge (%s)", async (_, driver) => {
  const { devices, storage, here } = await fixture(driver());
  const steps: { done: number; total?: number | undefined }[] = [];
  await here.workspace.makeLocal("/d", { onProgress: (step) => steps.push(step) });
  const total = big.length + small.length;
  expect(steps[0]).toEqual({ done: 0, total });
  expect(steps.at(-1)).toEqual({ done: total, total });
  expect(here.transport.sent.get("block_read")).toBe(7);
  await readAll(here.workspace, "/outside");
  here.transport.forget();
  await here.workspace.makeLocal("/d");
  expect(here.transport.sent.get("block_read")).toBeUndefined();
  expect(await here.workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  await here.close();

  const again = await countedDevice(devices, 0, { ...ports, storage });
  expect(await again.workspace.purge()).toBe(0);
  goOffline(again);
  await expectHere(again.workspace);
  again.transport.hooks = {};
  expect(await again.workspace.isLocal("/outside")).toBe(false);
});

test("may leave once it is released, and leaves nothing behind", async () => {
  const { devices, storage, here } = await fixture();
  await here.workspace.makeLocal("/d");
  await here.workspace.release("/d/big");
  await readAll(here.workspace, "/outside");
  expect(await here.workspace.isLocal("/d/big")).toBe(false);
  expect(await here.workspace.isLocal("/d/e/small")).toBe(true);
  await here.workspace.release("/");
  await here.close();
  expect(await chunksOnDevice(storage, devices.device(0).deviceId, here.workspace.id)).toEqual([]);
});

test("stays when it is changed here and uploaded, and a copy of it uploads nothing", async () => {
  const { here } = await fixture();
  await here.workspace.makeLocal("/d/big");
  const handle = await here.workspace.open("/d/big", { write: true });
  await handle.write(3, small);
  await handle.close();
  here.transport.forget();
  await here.workspace.sync();
  expect(here.transport.sent.get("block_create")).toBe(1);
  await readAll(here.workspace, "/outside");
  expect(await here.workspace.isLocal("/d/big")).toBe(true);
  here.transport.forget();
  await here.workspace.copy("/d/big", "/copy");
  await here.workspace.sync();
  expect(here.transport.sent.get("block_create")).toBeUndefined();
});

const losses: readonly (readonly [string, (workspace: Workspace) => Promise<unknown>])[] = [
  ["released", (workspace) => workspace.release("/d/big")],
  ["overwritten", (workspace) => workspace.writeFile("/d/big", small)],
  ["removed", (workspace) => workspace.remove("/d/big")],
];

test.each(losses)("stays when a file that it is a copy of is %s, also in a later session", async (_, lose) => {
  const { devices, storage, here } = await fixture();
  await here.workspace.makeLocal("/d/big");
  for (const copy of ["/one", "/two"]) {
    await here.workspace.copy("/d/big", copy);
    await here.workspace.makeLocal(copy);
  }
  await here.workspace.sync();
  await here.workspace.release("/one");
  await here.close();
  const again = await countedDevice(devices, 0, { ...ports, storage });
  await lose(again.workspace);
  await again.workspace.sync();
  await again.workspace.purge();
  await readAll(again.workspace, "/outside");
  expect(await again.workspace.isLocal("/two")).toBe(true);
  goOffline(again);
  expectSame(await readAll(again.workspace, "/two"), big);
  again.transport.hooks = {};
  await again.workspace.release("/");
  await again.close();
  expect(await chunksOnDevice(storage, devices.device(0).deviceId, here.workspace.id)).toEqual([]);
});

test("goes with a removal, at the latest when the workspace is opened again", async () => {
  const { devices, storage, here } = await fixture();
  await here.workspace.makeLocal("/d");
  await here.workspace.remove("/d", { recursive: true });
  await here.workspace.sync();
  await here.close();
  const again = await countedDevice(devices, 0, { ...ports, storage });
  await again.workspace.purge();
  await again.close();
  expect(await chunksOnDevice(storage, devices.device(0).deviceId, here.workspace.id)).toEqual([]);
});

test("an abort, or the end of the network, keeps nothing half", async () => {
  const { devices, storage, here } = await fixture();
  const stop = new AbortController();
  const keeping = here.workspace.makeLocal("/d/big", {
    signal: stop.signal,
    onProgress: ({ done }) => (done > 0 ? stop.abort(new Error("enough")) : undefined),
  });
  await expect(keeping).rejects.toThrow("enough");
  goOffline(here);
  expect(await codeOf(here.workspace.makeLocal("/d/big"))).toBe("OFFLINE");
  here.transport.hooks = {};
  expect(await codeOf(here.workspace.makeLocal("/none"))).toBe("ENTRY_NOT_FOUND");
  await here.workspace.purge();
  await here.close();
  expect(await chunksOnDevice(storage, devices.device(0).deviceId, here.workspace.id)).toEqual([]);
});
