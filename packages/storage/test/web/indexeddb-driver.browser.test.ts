import { ChunkId, DeviceId, VlobId } from "@parsec/types";
import { deleteDB, openDB } from "idb";
import { describe, expect, onTestFinished, test } from "vitest";
import { strictDriver } from "../../src/index.ts";
import { indexedDbDriver } from "../../src/web/indexeddb/driver.ts";
import { driverContract } from "../driver/contract.ts";

const newDriver = () => indexedDbDriver({ dir: `/test-${crypto.randomUUID()}` });

driverContract("IndexedDB", newDriver);
driverContract("strict IndexedDB", () => strictDriver(newDriver()));

describe("IndexedDB", () => {
  const deviceId = DeviceId.generate();
  const realmId = VlobId.generate();

  test("a removed device leaves no database behind, those of its workspaces included", async () => {
    const dir = `/test-${crypto.randomUUID()}`;
    const driver = indexedDbDriver({ dir });
    const device = await driver.openDevice(deviceId);
    await device.openUser(VlobId.generate());
    await device.openWorkspace(realmId);
    await device.close();
    const names = async () => (await indexedDB.databases()).filter(({ name }) => name?.startsWith(dir));
    expect(await names()).toHaveLength(3);
    await driver.removeDevice(deviceId);
    expect(await names()).toEqual([]);
  });

  test("a check leaves no database behind", async () => {
    const dir = `/test-${crypto.randomUUID()}`;
    await indexedDbDriver({ dir }).check();
    expect((await indexedDB.databases()).filter(({ name }) => name?.startsWith(dir))).toEqual([]);
  });

  test("a connection that is closed under us is opened again", async () => {
    const dir = `/test-${crypto.randomUUID()}`;
    const device = await indexedDbDriver({ dir }).openDevice(deviceId);
    onTestFinished(() => device.close());
    const workspace = await device.openWorkspace(realmId);
    await workspace.apply([{ kind: "put_checkpoint", checkpoint: 4 }]);
    const name = `${dir}-${deviceId}-${realmId}-workspace`;
    await interrupt(name);
    expect(await workspace.checkpoint()).toBe(4);
    await workspace.apply([{ kind: "put_checkpoint", checkpoint: 5 }]);
    expect(await workspace.checkpoint()).toBe(5);
  });

  test("many calls at once after a lost connection open one", async () => {
    const dir = `/test-${crypto.randomUUID()}`;
    const device = await indexedDbDriver({ dir }).openDevice(deviceId);
    const workspace = await device.openWorkspace(realmId);
    const name = `${dir}-${deviceId}-${realmId}-workspace`;
    await interrupt(name);
    const checkpoints = await Promise.all(Array.from({ length: 20 }, () => workspace.checkpoint()));
    expect(new Set(checkpoints)).toEqual(new Set([0]));
    await device.close();
    // One that had been left open would keep this waiting for ever. A page may be told that it waits while the last one closes.
    await deleteDB(name);
  });

  test("a database that is removed under us is told, and not made anew without a word", async () => {
    const dir = `/test-${crypto.randomUUID()}`;
    const driver = indexedDbDriver({ dir });
    const device = await driver.openDevice(deviceId);
    onTestFinished(() => device.close());
    const workspace = await device.openWorkspace(realmId);
    await workspace.apply([{ kind: "put_checkpoint", checkpoint: 4 }]);
    await deleteDB(`${dir}-${deviceId}-${realmId}-workspace`);
    await expect(workspace.checkpoint()).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
    await expect(workspace.apply([{ kind: "put_checkpoint", checkpoint: 5 }])).rejects.toMatchObject({
      code: "STORAGE_UNAVAILABLE",
    });
    await device.close();
    const again = await driver.openDevice(deviceId);
    expect(await (await again.openWorkspace(realmId)).checkpoint()).toBe(0);
    await again.close();
  });

  test("the database of a later version is refused, not touched", async () => {
    const dir = `/test-${crypto.randomUUID()}`;
    const driver = indexedDbDriver({ dir });
    await (await driver.openDevice(deviceId)).close();
    const later = await openDB(`${dir}-${deviceId}-certificates`, 99);
    later.close();
    await expect(driver.openDevice(deviceId)).rejects.toMatchObject({ code: "STORAGE_CORRUPTED" });
    const again = await openDB(`${dir}-${deviceId}-certificates`, 99);
    expect(again.version).toBe(99);
    again.close();
  });

  test("a failed write leaves nothing of its batch", async () => {
    const device = await newDriver().openDevice(deviceId);
    onTestFinished(() => device.close());
    const workspace = await device.openWorkspace(realmId);
    const impossible = { kind: "put_pattern", pattern: { pattern: "a", fullyApplied: () => true } };
    const writes = [{ kind: "put_checkpoint", checkpoint: 9 }, impossible] as unknown as Parameters<
      typeof workspace.apply
    >[0];
    await expect(workspace.apply(writes)).rejects.toMatchObject({ code: "STORAGE_UNAVAILABLE" });
    expect(await workspace.checkpoint()).toBe(0);
  });
});

describe("what a query reads", () => {
  const deviceId = DeviceId.generate();
  const realmId = VlobId.generate();

  /** Rows and keys that IndexedDB gives while `run` runs. */
  async function countingRows(run: () => Promise<unknown>): Promise<number> {
    let rows = 0;
    const restore = [IDBObjectStore.prototype, IDBIndex.prototype].map((prototype) => {
      const { getAll } = prototype;
      prototype.getAll = function (this: IDBObjectStore & IDBIndex, ...args) {
        const request = getAll.apply(this, args);
        request.addEventListener("success", () => {
          rows += request.result.length;
        });
        return request;
      };
      return () => {
        prototype.getAll = getAll;
      };
    });
    try {
      await run();
    } finally {
      for (const undo of restore) undo();
    }
    return rows;
  }

  test("2,500 manifests in pages: each once", async () => {
    const device = await newDriver().openDevice(deviceId);
    onTestFinished(() => device.close());
    const workspace = await device.openWorkspace(realmId);
    const row = { baseVersion: 1, remoteVersion: 1, needSync: false, blob: Uint8Array.of(1) };
    const puts = Array.from(
      { length: 2500 },
      () => ({ kind: "put_vlob", row: { ...row, id: VlobId.generate() } }) as const,
    );
    await workspace.apply(puts);
    let seen = 0;
    const rows = await countingRows(async () => {
      let after: string | number | undefined;
      do {
        const { items, next } = await workspace.vlobs(after, 100);
        seen += items.length;
        after = next;
      } while (after !== undefined);
    });
    expect([seen, rows]).toEqual([2500, 2500]);
    expect(await countingRows(() => workspace.outboundCount())).toBe(0);
    expect(await countingRows(() => workspace.outboundNeedSync(10))).toBe(0);
  });

  test("certificates: no row that is not given", async () => {
    const device = await newDriver().openDevice(deviceId);
    onTestFinished(() => device.close());
    const row = { type: "user", filter1: null, filter2: null, blob: Uint8Array.of(1) };
    const inserts = Array.from(
      { length: 2500 },
      (_, timestamp) => ({ kind: "insert_certificate", row: { ...row, timestamp } }) as const,
    );
    await device.certificates.apply(inserts);
    expect(await countingRows(() => device.certificates.all())).toBe(2500);
    expect(await countingRows(() => device.certificates.list({ type: "user" }, { offset: 2000, limit: 10 }))).toBe(0);
    expect(await countingRows(() => device.certificates.list({ type: "user" }, { limit: 10 }))).toBe(10);
    expect(await countingRows(() => device.certificates.lastTimestamps([]))).toBe(0);
  });
});

describe("durability", () => {
  test("what acknowledges is strict, the cache relaxed", async () => {
    const asked: unknown[] = [];
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (this: IDBDatabase, ...args) {
      if (args[1] === "readwrite") asked.push([args[0], args[2]?.durability]);
      return transaction.apply(this, args);
    };
    onTestFinished(() => {
      IDBDatabase.prototype.transaction = transaction;
    });
    const device = await newDriver().openDevice(DeviceId.generate());
    onTestFinished(() => device.close());
    const user = await device.openUser(VlobId.generate());
    const workspace = await device.openWorkspace(VlobId.generate());
    const chunk = { id: ChunkId.generate(), data: Uint8Array.of(1) };
    await device.certificates.apply([{ kind: "forget_all_certificates" }]);
    await user.apply([{ kind: "put_checkpoint", checkpoint: 1 }]);
    await workspace.apply([{ kind: "put_checkpoint", checkpoint: 1 }]);
    await workspace.apply([{ kind: "put_chunk", chunk }]);
    await workspace.applyToCache([{ kind: "delete_all_blocks" }]);
    await workspace.moveChunksToBlocks([chunk.id], 1, []);
    expect(asked.map((each) => (Array.isArray(each) ? each[1] : each))).toEqual([
      "strict",
      "strict",
      "strict",
      "strict",
      "relaxed",
      "relaxed",
    ]);
  });
});

describe("a database of version 1", () => {
  test("keeps what must not be lost; its cache starts anew", async () => {
    const dir = `/test-${crypto.randomUUID()}`;
    const [deviceId, realmId, vlobId] = [DeviceId.generate(), VlobId.generate(), VlobId.generate()];
    const chunk = { id: ChunkId.generate(), data: crypto.getRandomValues(new Uint8Array(3000)) };
    const first = await openDB(`${dir}-${deviceId}-${realmId}-workspace`, 1, {
      upgrade: (database) => {
        database.createObjectStore("checkpoint");
        database.createObjectStore("prevent_sync_pattern");
        const vlobs = database.createObjectStore("vlobs", { keyPath: "id" });
        vlobs.createIndex("inbound", "inbound_need_sync");
        vlobs.createIndex("outbound", "outbound_need_sync");
        database.createObjectStore("chunks");
        database.createObjectStore("chunk_sizes");
        database.createObjectStore("blocks");
        database.createObjectStore("block_access").createIndex("by_time", "accessed_on");
      },
    });
    await first.put("checkpoint", 7, 1);
    await first.put("vlobs", {
      id: vlobId,
      base_version: 1,
      remote_version: 2,
      inbound_need_sync: 1,
      outbound_need_sync: 1,
      blob: Uint8Array.of(1, 2),
    });
    await first.put("chunks", chunk.data, chunk.id);
    await first.put("chunk_sizes", chunk.data.length, chunk.id);
    await first.put("blocks", Uint8Array.of(9), chunk.id);
    await first.put("block_access", { accessed_on: 4 }, chunk.id);
    first.close();

    const device = await indexedDbDriver({ dir }).openDevice(deviceId);
    onTestFinished(() => device.close());
    const workspace = await device.openWorkspace(realmId);
    expect(await workspace.checkpoint()).toBe(7);
    expect(await workspace.vlob(vlobId)).toMatchObject({ baseVersion: 1, remoteVersion: 2, needSync: true });
    expect(await workspace.inboundNeedSync(9)).toEqual([vlobId]);
    expect(await workspace.chunk(chunk.id)).toEqual(chunk.data);
    expect(await workspace.chunkInfos()).toEqual([{ id: chunk.id, size: 3000, sent: false }]);
    expect(await workspace.blockIds()).toEqual([]);
    await workspace.moveChunksToBlocks([chunk.id], 5, []);
    expect(await workspace.blockIds()).toEqual([chunk.id]);
  });
});

/** Begins an upgrade, which makes every open connection close, and takes it back. */
function interrupt(name: string): Promise<void> {
  return new Promise((resolve) => {
    const request = indexedDB.open(name, 77);
    request.onupgradeneeded = () => request.transaction?.abort();
    request.onerror = () => resolve();
  });
}
