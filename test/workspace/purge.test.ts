import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, openDeviceStorage } from "@parsec/storage";
import { ChunkId } from "@parsec/types";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hookedTransport } from "../support/hooked-transport.ts";
import { LooseDevices } from "../support/loose-devices.ts";
import { chunksOnDevice, type MeddledDriver, meddledDriver } from "../support/meddled-driver.ts";
import { comes } from "../support/patience.ts";
import { pattern, readAll } from "../support/two-devices.ts";

// What a killed process left behind goes when the workspace opens, and by `purge`; what is still needed stays.

const blocksize = 512 * 1024;
const content = pattern(2 * blocksize);

let server: RunningServer;
let devices: LooseDevices;
let storage: MeddledDriver;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());
beforeEach(async () => {
  devices = await LooseDevices.load(server);
  storage = meddledDriver(memoryDriver());
});

/** Stores chunks that no manifest names, as a write that was killed does. Gives their ids. */
async function leaveOrphans(count: number): Promise<readonly ChunkId[]> {
  const { workspace, close } = await devices.open(0, { storage });
  await close();
  const device = await openDeviceStorage(storage, devices.device(0));
  const store = await device.openWorkspace(workspace.id);
  const ids = Array.from({ length: count }, () => ChunkId.generate());
  await store.setChunks(ids.map((id) => ({ id, data: new Uint8Array(10) })));
  await device.close();
  return ids;
}

async function chunks(realmId: Parameters<typeof chunksOnDevice>[2]): Promise<readonly ChunkId[]> {
  return chunksOnDevice(storage, devices.device(0).deviceId, realmId);
}

test("opening the workspace frees what was left behind, and nothing else", async () => {
  const first = await devices.open(0, { storage });
  await first.workspace.writeFile("/file", content);
  await first.close();
  await leaveOrphans(1_100);
  const again = await devices.open(0, { storage });
  await again.workspace.purge();
  await again.close();
  expect(await chunks(again.workspace.id)).toHaveLength(2);
  const last = await devices.open(0, { storage });
  expect(Buffer.compare(await readAll(last.workspace, "/file"), content)).toBe(0);
  await last.workspace.sync();
  await last.close();
  expect(await chunks(last.workspace.id)).toHaveLength(0);
});

test("the content of more than 1,000 changed entries stays", async () => {
  const { workspace, close } = await devices.open(0, { storage });
  const count = 1_010;
  await Promise.all(Array.from({ length: count }, (_, i) => workspace.writeFile(`/${i}`, `content ${i}`)));
  await close();
  const [orphan] = await leaveOrphans(1);
  const again = await devices.open(0, { storage });
  // By the sweep of the opening, or by this one.
  expect(await again.workspace.purge()).toBeLessThanOrEqual(1);
  await again.close();
  const left = await chunks(workspace.id);
  expect(left).toHaveLength(count);
  expect(left).not.toContain(orphan);
});

test("purge says how many it freed", async () => {
  const { workspace, close } = await devices.open(0, { storage });
  expect(await workspace.purge()).toBe(0);
  await close();
});

test("content that the server has, of a version that was acknowledged, becomes cached", async () => {
  const transport = hookedTransport();
  const here = await devices.open(0, { storage, transport });
  await here.workspace.writeFile("/file", content);
  const ids = [...storage.chunks];
  await here.workspace.sync();
  await here.close();
  // As if the process had been killed after the acknowledgement.
  const device = await openDeviceStorage(storage, devices.device(0));
  const store = await device.openWorkspace(here.workspace.id);
  await store.clearBlockCache();
  await store.setChunks(ids.map((id, at) => ({ id, data: content.slice(at * blocksize, (at + 1) * blocksize) })));
  await store.markChunksSent(ids);
  await device.close();
  const again = await devices.open(0, { storage, transport });
  await again.workspace.purge();
  transport.forget();
  expect(Buffer.compare(await readAll(again.workspace, "/file"), content)).toBe(0);
  expect(transport.sent.get("block_read")).toBeUndefined();
  await again.close();
  expect(await chunks(again.workspace.id)).toHaveLength(0);
});

describe("purge at any moment", () => {
  test("of a write: nothing of it is lost", async () => {
    const { workspace, close } = await devices.open(0, { storage });
    const source = async function* () {
      for (let i = 0; i < 20; i += 1) {
        yield pattern(blocksize, i);
        await workspace.purge();
      }
    };
    const expected = Buffer.concat(Array.from({ length: 20 }, (_, i) => pattern(blocksize, i)));
    await workspace.writeFile("/file", source());
    await workspace.purge();
    expect(Buffer.compare(await readAll(workspace, "/file"), expected)).toBe(0);
    await close();
  });

  test("of a commit: what came to belong to a file between its looks stays", async () => {
    const { workspace, close } = await devices.open(0, { storage });
    let goOn = () => {};
    const paused = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let isStored = () => {};
    const stored = new Promise<void>((resolve) => {
      isStored = resolve;
    });
    const large = pattern(9 * blocksize);
    const source = async function* () {
      yield large.subarray(0, 8 * blocksize);
      await paused;
      yield large.subarray(8 * blocksize);
    };
    const writing = workspace.writeFile("/file", source(), { onProgress: () => isStored() });
    await comes("the first block to be stored", stored);
    let looks = 0;
    storage.meddling = {
      outboundNeedSync: async (inner, limit) => {
        const ids = await inner.outboundNeedSync(limit);
        looks += 1;
        if (looks === 1) {
          goOn();
          await writing;
        }
        return ids;
      },
    };
    expect(await workspace.purge()).toBe(0);
    storage.meddling = {};
    expect(looks).toBe(2);
    expect(Buffer.compare(await readAll(workspace, "/file"), large)).toBe(0);
    await close();
  });
});

test("what a damaged entry may name stays", async () => {
  const first = await devices.open(0, { storage });
  await first.workspace.writeFile("/good", "good");
  await first.workspace.writeFile("/damaged", content);
  const damaged = await first.workspace.stat("/damaged");
  await first.close();
  storage.meddling = {
    vlob: async (inner, vlobId) => {
      const row = await inner.vlob(vlobId);
      return row === undefined || vlobId !== damaged.id ? row : { ...row, blob: row.blob.slice(1) };
    },
  };
  const again = await devices.open(0, { storage });
  expect(await again.workspace.purge()).toBe(0);
  await again.close();
  storage.meddling = {};
  expect(await chunks(again.workspace.id)).toHaveLength(3);
  const last = await devices.open(0, { storage });
  expect(Buffer.compare(await readAll(last.workspace, "/damaged"), content)).toBe(0);
  await last.close();
});
