import { BlockId, blockIdOfChunk, ChunkId, VlobId } from "@parsec/types";
import { describe, expect, test } from "vitest";
import vectors from "../../../../test/vectors/filesystem.json" with { type: "json" };
import { PatternMismatchError, strictDriver } from "../../src/index.ts";
import { fileManifest, newChunk, realmId, rootManifest, startWorkspace } from "../support/fixtures.ts";

describe("the vectors", () => {
  test("need sync", async () => {
    const { store, storage, driver, owner } = await startWorkspace();
    const ids = new Map<string, VlobId>();
    const idOf = (name: string) => {
      const id = ids.get(name) ?? VlobId.generate();
      ids.set(name, id);
      return id;
    };
    for (const step of vectors.storage_need_sync.steps) {
      if (step.update_manifest !== undefined) {
        const { id, base_version: version, need_sync: needSync } = step.update_manifest;
        await store.updateManifests([fileManifest(idOf(id), version, needSync)]);
      } else {
        const { checkpoint, changes } = step.update_realm_checkpoint;
        const remote = Object.entries(changes).map(([name, remoteVersion]) => ({ id: idOf(name), remoteVersion }));
        await store.updateCheckpoint(checkpoint, remote);
        expect(await store.getCheckpoint()).toBe(checkpoint);
      }
      expect(new Set(await store.getInboundNeedSync(100))).toEqual(new Set(step.inbound.map(idOf)));
      expect(new Set(await store.getOutboundNeedSync(100))).toEqual(new Set(step.outbound.map(idOf)));
      expect(await store.getInboundNeedSync(1)).toHaveLength(Math.min(1, step.inbound.length));
      expect(await store.getOutboundNeedSync(0)).toEqual([]);
    }
    await storage.close();

    const databases = await driver.openDevice(owner.deviceId);
    const workspace = await databases.openWorkspace(realmId);
    for (const [name, row] of Object.entries(vectors.storage_need_sync.steps.at(-1)?.rows ?? {})) {
      expect(await workspace.vlob(idOf(name))).toMatchObject({
        baseVersion: row.base_version,
        remoteVersion: row.remote_version,
        needSync: row.need_sync,
      });
    }
  });

  test("block cache, one by one", async () => {
    const { cache_size: blockCacheSize, steps } = vectors.storage_block_cache;
    const { store, clock } = await startWorkspace({ blockCacheSize });
    const names = new Map<BlockId, string>();
    const blocks = new Map(["b1", "b2", "b3", "b4", "b5"].map((name) => [name, BlockId.generate()]));
    for (const [name, id] of blocks) names.set(id, name);
    for (const step of steps) {
      clock.set(step.at);
      const id = blocks.get(step.set ?? step.get ?? "");
      if (id === undefined) throw new Error("unknown block");
      if (step.set === undefined) expect(await store.getBlock(id)).toEqual(Uint8Array.of(1));
      else await store.setBlock(id, Uint8Array.of(1));
      const stored = (await store.blockIds()).map((block) => names.get(block) ?? "unknown");
      expect(stored.sort()).toEqual(step.blocks);
    }
  });

  test("block cache, in batches of a tenth", async () => {
    const {
      cache_size: blockCacheSize,
      insert_in_order: names,
      counts_after_each: counts,
      final,
    } = vectors.storage_block_cache_batch;
    const { store, clock } = await startWorkspace({ blockCacheSize });
    const ids = names.map(() => BlockId.generate());
    for (const [index, id] of ids.entries()) {
      clock.advance(1);
      await store.setBlock(id, new Uint8Array(3));
      expect(await store.blockIds()).toHaveLength(counts[index] ?? -1);
    }
    expect((await store.blockIds()).map((id) => names[ids.indexOf(id)])).toEqual(final);
  });

  test("outbound backlog", async () => {
    const { store } = await startWorkspace();
    const [empty, four, two] = vectors.storage_outbound_backlog.steps;
    const expectBacklog = async (step: typeof empty) => {
      expect(await store.getOutboundBacklog()).toEqual({ entries: step?.pending_entries, bytes: step?.pending_bytes });
    };
    await expectBacklog(empty);
    // The vector counts 8 stored bytes more than clear ones for each chunk; the device's real key adds 40.
    const overhead = 40;
    const [first, second] = [newChunk(11), newChunk(12)];
    const files = [VlobId.generate(), VlobId.generate()] as const;
    const folders = [VlobId.generate(), VlobId.generate()] as const;
    await store.updateManifests(folders.map((id) => fileManifest(id, 0, true)));
    await store.updateManifestAndChunks(fileManifest(files[0], 0, true), [first], []);
    await store.updateManifestAndChunks(fileManifest(files[1], 0, true), [second], []);
    expect(await store.getOutboundBacklog()).toEqual({
      entries: four?.pending_entries,
      bytes: (four?.pending_bytes ?? 0) - 2 * 8 + 2 * overhead,
    });
    await store.updateManifests([fileManifest(folders[0], 1, false)]);
    await store.updateManifestAndChunks(fileManifest(files[1], 1, false), [], [second.id]);
    expect(await store.getOutboundBacklog()).toEqual({
      entries: two?.pending_entries,
      bytes: (two?.pending_bytes ?? 0) - 8 + overhead,
    });
  });

  test("list manifests", async () => {
    const { store } = await startWorkspace();
    const { stored, calls } = vectors.storage_list_manifests;
    const ids = stored.map(() => VlobId.generate());
    for (const id of ids) await store.updateManifests([fileManifest(id, 1, false)]);
    // The order is that of the ids in memory.
    ids.sort();
    for (const { offset, limit, result } of calls) {
      const { next } = await store.listManifests(undefined, offset);
      const { items } = await store.listManifests(next, limit);
      expect(items.map((item) => ("damage" in item ? item.damage : stored[ids.indexOf(item.base.id)]))).toEqual(result);
    }
  });
});

describe("manifests", () => {
  test("nothing, then what was stored, then what replaced it, also after a new start", async () => {
    const { store, storage, open } = await startWorkspace();
    const id = VlobId.generate();
    expect(await store.getManifest(id)).toBeUndefined();
    await store.updateManifests([fileManifest(id, 1, false)]);
    expect(await store.getManifest(id)).toEqual(fileManifest(id, 1, false));
    await store.updateManifests([fileManifest(id, 2, true), rootManifest()]);
    await storage.close();
    const again = (await open()).store;
    expect(await again.getManifest(id)).toEqual(fileManifest(id, 2, true));
    expect(await again.getManifest(realmId)).toEqual(rootManifest());
  });

  test("populate stores only what is new", async () => {
    const { store } = await startWorkspace();
    const id = VlobId.generate();
    expect(await store.populateManifest(fileManifest(id, 3, false))).toBe("stored");
    expect(await store.populateManifest(fileManifest(id, 9, true))).toBe("already_present");
    expect(await store.getManifest(id)).toEqual(fileManifest(id, 3, false));
    expect(await store.getInboundNeedSync(9)).toEqual([]);
  });

  test("the manifest of another entry, or one of another key, is refused", async () => {
    const { store, storage, driver, owner, open } = await startWorkspace();
    const [one, other] = [VlobId.generate(), VlobId.generate()];
    await store.updateManifests([fileManifest(one, 1, false)]);
    await storage.close();
    const databases = await driver.openDevice(owner.deviceId);
    const workspace = await databases.openWorkspace(realmId);
    const row = await workspace.vlob(one);
    if (row === undefined) throw new Error("no row");
    const damaged = { ...row, id: VlobId.generate(), blob: row.blob.slice(1) };
    await workspace.apply([
      { kind: "put_vlob", row: { ...row, id: other } },
      { kind: "put_vlob", row: damaged },
    ]);
    await databases.close();
    const again = (await open()).store;
    expect(await again.getManifest(one)).toEqual(fileManifest(one, 1, false));
    await expect(again.getManifest(other)).rejects.toMatchObject({ code: "STORAGE_CORRUPTED" });
    await expect(again.getManifest(damaged.id)).rejects.toMatchObject({ code: "STORAGE_CORRUPTED" });
  });

  test("concurrent updates of one entry: the remote version never goes back", async () => {
    const { store } = await startWorkspace({ driver: strictDriver() });
    const id = VlobId.generate();
    await store.updateManifests([fileManifest(id, 1, false)]);
    await Promise.all([
      store.updateCheckpoint(2, [{ id, remoteVersion: 7 }]),
      store.updateManifests([fileManifest(id, 3, true)]),
      store.updateManifests([fileManifest(id, 2, true)]),
    ]);
    expect(await store.getInboundNeedSync(9)).toEqual([id]);
    await store.updateManifests([fileManifest(id, 7, false)]);
    expect(await store.getInboundNeedSync(9)).toEqual([]);
  });
});

describe("chunks and blocks", () => {
  test("a manifest with its new and removed chunks", async () => {
    const { store } = await startWorkspace();
    const manifest = fileManifest(VlobId.generate(), 1, true);
    const [a, b, c] = [newChunk(10), newChunk(20), newChunk(30)];
    await store.updateManifestAndChunks(manifest, [a, b], []);
    await store.updateManifestAndChunks(manifest, [c], [a.id, ChunkId.generate()]);
    expect(await store.getChunk(a.id)).toBeUndefined();
    expect(await store.getChunk(b.id)).toEqual(b.data);
    expect(await store.getChunk(c.id)).toEqual(c.data);
    await store.updateManifestAndChunks(manifest, [a], [a.id]);
    expect(await store.getChunk(a.id)).toBeUndefined();
  });

  test("what is stored is not the clear data", async () => {
    const { store, storage, driver, owner } = await startWorkspace();
    const chunk = newChunk(64);
    await store.setChunk(chunk.id, chunk.data);
    await storage.close();
    const databases = await driver.openDevice(owner.deviceId);
    const stored = await (await databases.openWorkspace(realmId)).chunk(chunk.id);
    expect(stored).toHaveLength(64 + 40);
    expect(owner.localSymkey.decrypt(stored ?? new Uint8Array())).toEqual(chunk.data);
  });

  test("a promoted chunk keeps its id and its ciphertext", async () => {
    const { store, storage, open } = await startWorkspace();
    const chunk = newChunk(50);
    await store.setChunk(chunk.id, chunk.data);
    await store.promoteChunkToBlock(chunk.id);
    await store.promoteChunkToBlock(ChunkId.generate());
    expect(await store.getChunk(chunk.id)).toBeUndefined();
    expect(await store.getBlock(blockIdOfChunk(chunk.id))).toEqual(chunk.data);
    expect(await store.getChunkOrBlock(chunk.id)).toEqual(chunk.data);
    expect(await store.getChunkOrBlock(ChunkId.generate())).toBeUndefined();
    await storage.close();
    expect(await (await open()).store.getChunkOrBlock(chunk.id)).toEqual(chunk.data);
  });

  test("an access is remembered over a new start", async () => {
    const { store, storage, clock, open } = await startWorkspace({ blockCacheSize: 2 * 524_288 });
    const ids = [BlockId.generate(), BlockId.generate(), BlockId.generate()] as const;
    await store.setBlock(ids[0], Uint8Array.of(0));
    clock.advance(1);
    await store.setBlock(ids[1], Uint8Array.of(1));
    clock.advance(1);
    await store.getBlock(ids[0]);
    await storage.close();
    const again = (await open()).store;
    expect(await again.blockIds()).toEqual([ids[1], ids[0]]);
    clock.advance(1);
    await again.setBlock(ids[2], Uint8Array.of(2));
    expect(await again.blockIds()).toEqual([ids[0], ids[2]]);
  });

  test("a cache smaller than a block keeps nothing", async () => {
    const { store } = await startWorkspace({ blockCacheSize: 524_287 });
    const id = BlockId.generate();
    await store.setBlock(id, Uint8Array.of(1));
    expect(await store.getBlock(id)).toBeUndefined();
  });

  test("blocks put at the same time share transactions", async () => {
    const driver = strictDriver();
    const { store } = await startWorkspace({ driver });
    driver.plan();
    const ids = Array.from({ length: 50 }, () => BlockId.generate());
    await Promise.all(ids.map((id, index) => store.setBlock(id, Uint8Array.of(index))));
    expect(await store.blockIds()).toHaveLength(50);
    expect(driver.writes).toBeLessThan(10);
  });
});

describe("the prevent-sync pattern", () => {
  test("starts as the one that matches nothing, and is applied anew when it changes", async () => {
    const { store } = await startWorkspace();
    const initial = { pattern: "^\\b$", fullyApplied: false };
    expect(await store.getPreventSyncPattern()).toEqual(initial);
    expect(await store.setPreventSyncPattern(initial.pattern)).toBe(false);
    expect(await store.setPreventSyncPattern("^a$")).toBe(false);
    await store.markPreventSyncPatternFullyApplied("^a$");
    await store.markPreventSyncPatternFullyApplied("^a$");
    expect(await store.setPreventSyncPattern("^a$")).toBe(true);
    expect(await store.getPreventSyncPattern()).toEqual({ pattern: "^a$", fullyApplied: true });
    await expect(store.markPreventSyncPatternFullyApplied("^b$")).rejects.toThrow(PatternMismatchError);
    expect(await store.setPreventSyncPattern("^b$")).toBe(false);
    expect(await store.getPreventSyncPattern()).toEqual({ pattern: "^b$", fullyApplied: false });
  });
});

describe("a workspace made on this device", () => {
  test("its root waits for an upload", async () => {
    const { storage } = await startWorkspace();
    await storage.closeWorkspace(realmId);
    await storage.initializeWorkspace(realmId, rootManifest());
    const store = await storage.openWorkspace(realmId);
    expect(await store.getManifest(realmId)).toEqual(rootManifest());
    expect(await store.getOutboundNeedSync(9)).toEqual([realmId]);
    expect(await store.getInboundNeedSync(9)).toEqual([]);
    expect(await store.getOutboundBacklog()).toEqual({ entries: 1, bytes: 0 });
  });

  test("can be removed once it is closed, twice too", async () => {
    const { storage } = await startWorkspace();
    await expect(storage.removeWorkspace(realmId)).rejects.toMatchObject({ code: "BUG" });
    await storage.closeWorkspace(realmId);
    await storage.initializeWorkspace(realmId, rootManifest());
    await storage.removeWorkspace(realmId);
    await storage.removeWorkspace(realmId);
    expect(await (await storage.openWorkspace(realmId)).getManifest(realmId)).toBeUndefined();
  });
});
