import { equalBytes, systemClock } from "@parsec/base";
import { BlockId, blockIdOfChunk, ChunkId, DeviceId, VlobId } from "@parsec/types";
import { describe, expect, test } from "vitest";
import { guard } from "../../src/driver/guard.ts";
import { memoryDriver, openDeviceStorage, type PageCursor, StorageError, strictDriver } from "../../src/index.ts";
import { WorkspaceStore } from "../../src/store/workspace-store.ts";
import { fileManifest, newChunk, newOwner, realmId, rootManifest, startWorkspace } from "../support/fixtures.ts";

/** A workspace whose driver fails on demand. */
async function start() {
  const driver = strictDriver();
  return { ...(await startWorkspace({ driver })), driver };
}

async function ids(store: WorkspaceStore): Promise<Set<VlobId>> {
  const { items } = await store.listManifests(undefined, 1000);
  return new Set(items.map((item) => ("damage" in item ? item.id : item.base.id)));
}

describe("changes in one transaction", () => {
  test("of every kind", async () => {
    const { store, driver } = await start();
    const [gone, kept] = [VlobId.generate(), VlobId.generate()];
    const [a, b, c] = [newChunk(10), newChunk(20), newChunk(30)];
    await store.applyChanges({ manifests: [fileManifest(gone, 0, true), rootManifest()], newChunks: [a, b] });
    driver.plan();
    await store.applyChanges({
      manifests: [fileManifest(kept, 0, true)],
      deletedManifests: [gone, VlobId.generate()],
      newChunks: [c],
      removedChunks: [a.id, ChunkId.generate()],
    });
    expect(driver.writes).toBe(1);
    expect(await ids(store)).toEqual(new Set([realmId, kept]));
    expect(new Set(await store.chunkIds())).toEqual(new Set([b.id, c.id]));
    expect(new Set(await store.getOutboundNeedSync(9))).toEqual(new Set([realmId, kept]));
    expect(await store.getOutboundBacklog()).toEqual({ entries: 2, bytes: 20 + 30 + 2 * 40 });
  });

  test("what is stored and deleted at once ends deleted", async () => {
    const { store } = await start();
    const id = VlobId.generate();
    const chunk = newChunk(10);
    await store.applyChanges({
      manifests: [fileManifest(id, 0, true)],
      deletedManifests: [id],
      newChunks: [chunk],
      removedChunks: [chunk.id],
    });
    expect(await store.getManifest(id)).toBeUndefined();
    expect(await store.getChunk(chunk.id)).toBeUndefined();
    expect(await store.getOutboundBacklog()).toEqual({ entries: 0, bytes: 0 });
  });

  test("nothing at all is no transaction", async () => {
    const { store, driver } = await start();
    driver.plan();
    await store.applyChanges({});
    await store.updateManifests([]);
    await store.moveSentChunksToBlocks([]);
    expect(driver.writes).toBe(0);
  });

  test("a folder of files that never went up is freed at once", async () => {
    const { store, storage, driver, open } = await start();
    const files = Array.from({ length: 1200 }, () => VlobId.generate());
    const chunks = files.map(() => newChunk(5));
    await store.applyChanges({ manifests: files.map((id) => fileManifest(id, 0, true)), newChunks: chunks });
    driver.plan();
    await store.applyChanges({ deletedManifests: files, removedChunks: chunks.map(({ id }) => id) });
    expect(driver.writes).toBe(1);
    expect(await store.getOutboundBacklog()).toEqual({ entries: 0, bytes: 0 });
    await storage.close();
    const again = (await open()).store;
    expect(await ids(again)).toEqual(new Set());
    expect(await again.chunkIds()).toEqual([]);
  });

  test("the remote version never goes back, and a deleted entry begins anew", async () => {
    const { store } = await start();
    const id = VlobId.generate();
    await store.applyChanges({ manifests: [fileManifest(id, 5, false)] });
    await store.applyChanges({ manifests: [fileManifest(id, 3, false)] });
    expect(await store.getInboundNeedSync(9)).toEqual([id]);
    await store.applyChanges({ deletedManifests: [id] });
    await store.applyChanges({ manifests: [fileManifest(id, 3, false)] });
    expect(await store.getInboundNeedSync(9)).toEqual([]);
  });

  test("that fail leave everything as it was, in the same session too; then they can be done", async () => {
    const { store, driver } = await start();
    const id = VlobId.generate();
    const [old, fresh] = [newChunk(10), newChunk(20)];
    const block = BlockId.generate();
    await store.updateManifestAndChunks(fileManifest(id, 1, true), [old], []);
    await store.setBlock(block, Uint8Array.of(1));
    expect(await store.getOutboundBacklog()).toEqual({ entries: 1, bytes: 50 });
    driver.plan({ failFromWrite: 1 });
    const change = { manifests: [fileManifest(id, 2, false)], newChunks: [fresh], removedChunks: [old.id] };
    const full = { code: "STORAGE_FULL" };
    await expect(store.applyChanges(change)).rejects.toMatchObject(full);
    await expect(store.markChunksSent([old.id])).rejects.toMatchObject(full);
    await expect(store.moveSentChunksToBlocks([old.id])).rejects.toMatchObject(full);
    await expect(store.updateCheckpoint(9, [{ id, remoteVersion: 9 }])).rejects.toMatchObject(full);
    await expect(store.setPreventSyncPattern("^a$")).rejects.toMatchObject(full);
    await store.setBlock(BlockId.generate(), Uint8Array.of(2));
    const check = async () => {
      expect(await store.getManifest(id)).toEqual(fileManifest(id, 1, true));
      expect(await store.getChunk(old.id)).toEqual(old.data);
      expect(await store.getChunk(fresh.id)).toBeUndefined();
      expect(await store.getChunkInfo(old.id)).toEqual({ id: old.id, size: 10, sent: false });
      expect(await store.getOutboundNeedSync(9)).toEqual([id]);
      expect(await store.getInboundNeedSync(9)).toEqual([]);
      expect(await store.getOutboundBacklog()).toEqual({ entries: 1, bytes: 50 });
      expect(await store.getCheckpoint()).toBe(0);
      expect(await store.getBlock(block)).toEqual(Uint8Array.of(1));
    };
    await check();
    driver.plan();
    await check();
    await store.applyChanges(change);
    expect(await store.getManifest(id)).toEqual(fileManifest(id, 2, false));
    expect(await store.chunkIds()).toEqual([fresh.id]);
    expect(await store.getOutboundBacklog()).toEqual({ entries: 0, bytes: 60 });
  });
});

test("a failure after the writes were stored: what waits is counted anew", async () => {
  const databases = await memoryDriver().openDevice(DeviceId.generate());
  let failing = false;
  const database = guard(await databases.openWorkspace(realmId), async (method, call, args) => {
    const result = await call(args);
    if (failing && method === "apply") throw new StorageError("STORAGE_UNAVAILABLE", "on purpose");
    return result;
  });
  const { localSymkey } = newOwner();
  const store = new WorkspaceStore(database, { realmId, localSymkey, clock: systemClock, blockCacheSize: 0 });
  const chunk = newChunk(100);
  expect(await store.getOutboundBacklog()).toEqual({ entries: 0, bytes: 0 });
  failing = true;
  await expect(store.setChunk(chunk.id, chunk.data)).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
  failing = false;
  expect(await store.getOutboundBacklog()).toEqual({ entries: 0, bytes: 140 });
  expect(await store.chunkIds()).toEqual([chunk.id]);
});

describe("a workspace that is closed and opened", () => {
  test("at once: the second begins when the first has ended", async () => {
    const { storage, store } = await start();
    const id = BlockId.generate();
    await store.setBlock(id, Uint8Array.of(1));
    await store.getBlock(id);
    const closing = storage.closeWorkspace(realmId);
    const [again] = await Promise.all([storage.openWorkspace(realmId), closing, storage.closeWorkspace(realmId)]);
    await again.updateManifests([rootManifest()]).catch(() => undefined);
    const last = await storage.openWorkspace(realmId);
    await last.updateManifests([rootManifest()]);
    expect(await last.getManifest(realmId)).toEqual(rootManifest());
    await expect(store.getManifest(realmId)).rejects.toMatchObject({ code: "STORAGE_CLOSED" });
  });

  test("one after the other: no file has two connections", async () => {
    const inner = memoryDriver();
    const told: string[] = [];
    const telling =
      (name: string) => async (method: string, call: (args: unknown[]) => Promise<unknown>, args: unknown[]) => {
        const result = await call(args);
        if (method === name) told.push(name);
        return result;
      };
    const driver = guard(inner, async (method, call, args) => {
      if (method !== "openDevice") return call(args);
      const databases = await inner.openDevice(owner.deviceId);
      return guard(databases, async (of, open, ids) => {
        if (of !== "openWorkspace") return open(ids);
        told.push("open");
        return guard(await databases.openWorkspace(realmId), telling("close"));
      });
    });
    const owner = newOwner();
    const storage = await openDeviceStorage(driver, owner);
    await storage.openWorkspace(realmId);
    const closing = storage.closeWorkspace(realmId);
    await Promise.all([storage.openWorkspace(realmId), closing]);
    await storage.close();
    expect(told).toEqual(["open", "close", "open", "close"]);
  });

  test("and removed while it closes", async () => {
    const { storage, store } = await start();
    await store.updateManifests([rootManifest()]);
    const closing = storage.closeWorkspace(realmId);
    await storage.removeWorkspace(realmId);
    await closing;
    expect(await (await storage.openWorkspace(realmId)).getManifest(realmId)).toBeUndefined();
  });
});

describe("chunks that were sent", () => {
  test("are chunks still, and do not wait any more", async () => {
    const { store, storage, driver, open } = await start();
    const [sent, waiting] = [newChunk(100), newChunk(200)];
    await store.setChunks([sent, waiting]);
    expect(await store.getOutboundBacklog()).toEqual({ entries: 0, bytes: 300 + 2 * 40 });
    driver.plan();
    await store.markChunksSent([sent.id, ChunkId.generate()]);
    expect(driver.writes).toBe(1);
    const check = async (opened: WorkspaceStore) => {
      expect(await opened.getChunk(sent.id)).toEqual(sent.data);
      expect(await opened.getChunkInfo(sent.id)).toEqual({ id: sent.id, size: 100, sent: true });
      expect(await opened.getChunkInfo(waiting.id)).toEqual({ id: waiting.id, size: 200, sent: false });
      expect(await opened.getChunkInfo(ChunkId.generate())).toBeUndefined();
      expect(await opened.listChunks()).toHaveLength(2);
      expect(await opened.getOutboundBacklog()).toEqual({ entries: 0, bytes: 200 + 40 });
    };
    await check(store);
    await storage.close();
    const again = (await open()).store;
    await check(again);
    await again.setChunk(sent.id, sent.data);
    expect(await again.getChunkInfo(sent.id)).toMatchObject({ sent: false });
  });

  test("leave what waits as it was when they are deleted, or stored once more", async () => {
    const { store } = await start();
    const [sent, waiting] = [newChunk(100), newChunk(200)];
    await store.setChunks([sent, waiting]);
    const waits = async () => (await store.getOutboundBacklog()).bytes;
    expect(await waits()).toBe(300 + 2 * 40);
    await store.markChunksSent([sent.id]);
    await store.removeChunks([sent.id]);
    expect(await waits()).toBe(200 + 40);
    await store.setChunk(waiting.id, waiting.data);
    expect(await waits()).toBe(200 + 40);
  });

  test("become cached blocks, many in one go; unknown ones are passed over", async () => {
    const { store, driver } = await start();
    const chunks = Array.from({ length: 20 }, () => newChunk(50));
    await store.setChunks(chunks);
    await store.markChunksSent(chunks.map(({ id }) => id));
    driver.plan();
    await store.moveSentChunksToBlocks([...chunks.map(({ id }) => id), ChunkId.generate()]);
    expect(driver.writes).toBe(1);
    expect(await store.chunkIds()).toEqual([]);
    for (const { id, data } of chunks) expect(await store.getBlock(blockIdOfChunk(id))).toEqual(data);
  });

  test("find room in the cache", async () => {
    const { store, driver } = await start();
    const chunk = newChunk(50);
    await store.setChunk(chunk.id, chunk.data);
    await store.getOutboundBacklog();
    // The move, the emptying that makes room, the move again; then the chunk is deleted.
    driver.plan({ failAtWrite: 1 });
    await store.moveSentChunksToBlocks([chunk.id]);
    expect(driver.writes).toBe(3);
    expect(await store.getBlock(blockIdOfChunk(chunk.id))).toEqual(chunk.data);
    expect(await store.getOutboundBacklog()).toEqual({ entries: 0, bytes: 0 });
  });
});

describe("many manifests", () => {
  test("are listed in pages, each once", async () => {
    const { store } = await startWorkspace();
    const all = Array.from({ length: 2345 }, () => VlobId.generate());
    await store.updateManifests(all.map((id) => fileManifest(id, 1, false)));
    const seen: VlobId[] = [];
    let after: PageCursor | undefined;
    do {
      const { items, next } = await store.listManifests(after, 1000);
      for (const item of items) if (!("damage" in item)) seen.push(item.base.id);
      after = next;
    } while (after !== undefined);
    expect(seen.sort()).toEqual(all.sort());
  });

  test("one that is damaged is named among the others", async () => {
    const { store, storage, driver, owner, open } = await start();
    const [one, other] = [VlobId.generate(), VlobId.generate()];
    await store.updateManifests([fileManifest(one, 1, true), fileManifest(other, 1, true)]);
    await storage.close();
    const databases = await driver.openDevice(owner.deviceId);
    const row = { id: one, baseVersion: 1, remoteVersion: 1, needSync: true, blob: new Uint8Array(90) };
    await (await databases.openWorkspace(realmId)).apply([{ kind: "put_vlob", row }]);
    await databases.close();
    const again = (await open()).store;
    const { items } = await again.listManifests(undefined, 10);
    expect(items).toContainEqual(fileManifest(other, 1, true));
    expect(items.find((item) => "damage" in item)).toMatchObject({
      id: one,
      damage: { code: "STORAGE_CORRUPTED", entryId: one, message: expect.stringContaining(VlobId.display(one)) },
    });
    await expect(again.getManifest(one)).rejects.toMatchObject({ code: "STORAGE_CORRUPTED", entryId: one });
  });
});

describe("a cached block", () => {
  test("that is damaged is not there, and is forgotten", async () => {
    const { store, storage, driver, owner, open } = await start();
    const [good, bad] = [BlockId.generate(), BlockId.generate()];
    await store.setBlock(good, Uint8Array.of(1));
    await storage.close();
    const databases = await driver.openDevice(owner.deviceId);
    const workspace = await databases.openWorkspace(realmId);
    const block = { id: bad, data: new Uint8Array(90), accessedOn: 1 };
    await workspace.applyToCache([{ kind: "put_block", block }]);
    await databases.close();
    const again = (await open()).store;
    expect(await again.getBlock(bad)).toBeUndefined();
    expect(await again.blockIds()).toEqual([good]);
    await again.setBlock(bad, Uint8Array.of(2));
    expect(await again.getBlock(bad)).toEqual(Uint8Array.of(2));
    expect(await again.getBlock(good)).toEqual(Uint8Array.of(1));
  });

  test("is read also when the access times of many cannot be written", async () => {
    const { store, driver } = await start();
    const blocks = Array.from({ length: 300 }, () => newChunk(20));
    await Promise.all(blocks.map(({ id, data }) => store.setBlock(blockIdOfChunk(id), data)));
    for (const { id, data } of blocks) {
      driver.plan({ failFromWrite: 1 });
      expect(equalBytes((await store.getBlock(blockIdOfChunk(id))) ?? new Uint8Array(), data)).toBe(true);
    }
  });

  test("that cannot be stored is not missed", async () => {
    const { store, driver } = await start();
    const id = BlockId.generate();
    driver.plan({ failAtWrite: 1 });
    await store.setBlock(id, Uint8Array.of(1));
    driver.plan();
    await store.setBlock(id, Uint8Array.of(2));
    expect(await store.getBlock(id)).toEqual(Uint8Array.of(2));
  });

  test("after the end says that the storage is closed", async () => {
    const { store, storage } = await start();
    await storage.close();
    const closed = { code: "STORAGE_CLOSED" };
    await expect(store.getBlock(BlockId.generate())).rejects.toMatchObject(closed);
    await expect(store.setBlock(BlockId.generate(), Uint8Array.of(1))).rejects.toMatchObject(closed);
    await expect(store.setBlock(BlockId.generate(), Uint8Array.of(1))).rejects.toMatchObject(closed);
    await expect(store.moveSentChunksToBlocks([ChunkId.generate()])).rejects.toMatchObject(closed);
    await expect(store.clearBlockCache()).rejects.toMatchObject(closed);
  });
});

describe("content of another type", () => {
  const others: readonly (readonly [string, unknown])[] = [
    ["Uint16Array", Uint16Array.of(256, 257)],
    ["ArrayBuffer", new ArrayBuffer(4)],
    ["DataView", new DataView(new ArrayBuffer(4))],
    ["a text", "content"],
    ["an array", [1, 2]],
    ["nothing", undefined],
  ];

  test.each(others)("%s is refused, and nothing is stored", async (_, value) => {
    const { store, driver } = await start();
    const data = value as Uint8Array;
    const refused = { code: "INVALID_ARGUMENT", argument: "data" };
    driver.plan();
    const [id, block] = [ChunkId.generate(), BlockId.generate()];
    await expect(store.setChunk(id, data)).rejects.toMatchObject(refused);
    await expect(store.setChunks([newChunk(5), { id, data }])).rejects.toMatchObject(refused);
    const manifest = fileManifest(VlobId.generate(), 0, true);
    await expect(store.updateManifestAndChunks(manifest, [{ id, data }], [])).rejects.toMatchObject(refused);
    await expect(store.setBlock(block, data)).rejects.toMatchObject(refused);
    expect(driver.writes).toBe(0);
  });
});
