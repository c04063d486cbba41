import { systemClock } from "@parsec/base";
import { blockIdOfChunk, VlobId } from "@parsec/types";
import { describe, expect, test } from "vitest";
import { guard } from "../../src/driver/guard.ts";
import type { BlockWrite, WorkspaceDatabase } from "../../src/driver/port.ts";
import { StorageError } from "../../src/errors.ts";
import {
  memoryDriver,
  openDeviceStorage,
  type StrictDriver,
  strictDriver,
  type WorkspaceStore,
} from "../../src/index.ts";
import { BlockCache } from "../../src/store/block-cache.ts";
import { fileManifest, newChunk, newOwner, realmId, rootManifest, startWorkspace } from "../support/fixtures.ts";

// The work of these tests: one entry with content that is replaced, uploaded and evicted. Whatever write fails, the
// manifest on disk never names a chunk that is gone, and what waits for an upload still waits.

const id = VlobId.generate();
const [old, fresh] = [newChunk(100), newChunk(200)];

async function work(store: WorkspaceStore): Promise<void> {
  await store.updateManifestAndChunks(fileManifest(id, 0, true), [old], []);
  await store.updateManifestAndChunks(fileManifest(id, 1, true), [fresh], [old.id]);
  await store.setBlock(blockIdOfChunk(old.id), old.data);
  await store.promoteChunkToBlock(fresh.id);
  await store.updateManifests([fileManifest(id, 2, false), rootManifest()]);
  await store.updateCheckpoint(5, [{ id, remoteVersion: 2 }]);
}

async function expectConsistent(store: WorkspaceStore): Promise<void> {
  const manifest = await store.getManifest(id);
  const version = manifest?.base.version;
  expect((await store.getOutboundNeedSync(9)).includes(id)).toBe(version === 0 || version === 1);
  if (version === 0) {
    expect(await store.getChunk(old.id)).toEqual(old.data);
    expect(await store.getChunk(fresh.id)).toBeUndefined();
  }
  if (version === 1) {
    expect(await store.getChunkOrBlock(fresh.id)).toEqual(fresh.data);
    expect(await store.getChunk(old.id)).toBeUndefined();
  }
  expect((await store.getManifest(realmId)) === undefined).toBe(version !== 2);
  if ((await store.getCheckpoint()) === 5) expect(version).toBe(2);
}

async function countWrites(driver: StrictDriver): Promise<number> {
  const { store, storage } = await startWorkspace({ driver });
  driver.plan();
  await work(store);
  await storage.close();
  return driver.writes;
}

describe("at every write", async () => {
  const writes = Array.from({ length: await countWrites(strictDriver()) }, (_, index) => index + 1);

  test("there are some", () => {
    expect(writes.length).toBeGreaterThan(5);
  });

  test.each(
    writes.flatMap((write) => [
      { write, stored: false },
      { write, stored: true },
    ]),
  )("the device dies at write $write (stored: $stored), and finds everything consistent", async ({ write, stored }) => {
    const driver = strictDriver();
    const { store, storage, open } = await startWorkspace({ driver });
    driver.plan({ dieAtWrite: write, storedBeforeDeath: stored });
    await expect(work(store).then(() => storage.close())).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
    driver.plan();
    const again = (await open()).store;
    await expectConsistent(again);
    await work(again);
    await expectConsistent(again);
  });

  test.each(writes)(
    "space runs out at write %d: the cache makes room, or a typed error that lost nothing",
    async (write) => {
      const driver = strictDriver();
      const { store } = await startWorkspace({ driver });
      driver.plan({ failAtWrite: write });
      await work(store).catch((error: unknown) => {
        expect(error).toMatchObject({ code: "STORAGE_FULL" });
      });
      await expectConsistent(store);
    },
  );
});

describe("space", () => {
  test("manifests and chunks are stored even if only the block cache can make room", async () => {
    const driver = strictDriver();
    const { store } = await startWorkspace({ driver });
    await store.setBlock(blockIdOfChunk(old.id), old.data);
    driver.plan({ failAtWrite: 1 });
    await store.updateManifestAndChunks(fileManifest(id, 0, true), [fresh], []);
    expect(await store.getChunk(fresh.id)).toEqual(fresh.data);
    expect(await store.blockIds()).toEqual([]);
  });

  test.each([
    ["STORAGE_FULL", 2, ["delete_all_blocks"]],
    ["STORAGE_UNAVAILABLE", 1, []],
  ] as const)("is what a failure by %s is about, or not: tried %i times", async (code, times, emptied) => {
    const kinds: string[] = [];
    const applyToCache = async (writes: readonly BlockWrite[]) => void kinds.push(...writes.map(({ kind }) => kind));
    const cache = new BlockCache(
      { applyToCache } as unknown as WorkspaceDatabase,
      newOwner().localSymkey,
      systemClock,
      0,
    );
    let tries = 0;
    const write = async () => {
      tries += 1;
      throw new StorageError(code, "on purpose");
    };
    await expect(cache.makingRoom(write)).rejects.toMatchObject({ code });
    expect([tries, kinds]).toEqual([times, emptied]);
  });
});

describe("opening", () => {
  test("a failure at the second database gives the device back", async () => {
    const inner = memoryDriver();
    const owner = newOwner();
    const failing = guard(inner, async (method, call, args) => {
      if (method !== "openDevice") return call(args);
      return guard(await inner.openDevice(owner.deviceId), async (of, open, ids) => {
        if (of === "openUser") throw new StorageError("STORAGE_UNAVAILABLE", "on purpose");
        return open(ids);
      });
    });
    await expect(openDeviceStorage(failing, owner)).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
    await (await openDeviceStorage(inner, owner)).close();
  });

  test("a failure gives the device back", async () => {
    const driver = strictDriver();
    const owner = newOwner();
    const failing = { ...owner };
    const databases = await driver.openDevice(owner.deviceId);
    await expect(openDeviceStorage(driver, failing)).rejects.toMatchObject({ code: "DEVICE_IN_USE" });
    await databases.close();
    const storage = await openDeviceStorage(driver, owner);
    await storage.close();
    await storage.close();
    await expect(storage.user.getUserManifest()).rejects.toMatchObject({ code: "STORAGE_CLOSED" });
    await expect(storage.openWorkspace(realmId)).rejects.toMatchObject({ code: "STORAGE_CLOSED" });
  });
});
