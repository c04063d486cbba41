import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { equalBytes, ParsecError, SettableClock } from "@parsec/base";
import { VlobId } from "@parsec/types";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { openDeviceStorage, StorageError, type WorkspaceStore } from "../../src/index.ts";
import { sqliteDriver } from "../../src/node/sqlite/driver.ts";
import { fileManifest, newChunk, newOwner, now, realmId } from "../support/fixtures.ts";
import { temporaryFolder } from "../support/folder.ts";

// The data file is not disposable. Damage in it is told, with the entry that has it, and holds no other entry.

const entries = Array.from({ length: 30 }, () => ({ id: VlobId.generate(), chunk: newChunk(5000) }));
const damaged = entries[0] ?? { id: realmId, chunk: newChunk(0) };
const others = entries.slice(1);

/** A device with some entries that wait, closed. */
async function prepare() {
  const dir = await temporaryFolder();
  const owner = newOwner();
  const open = async () => {
    const storage = await openDeviceStorage(sqliteDriver({ dir }), owner, { clock: new SettableClock(now) });
    onTestFinished(() => storage.close());
    try {
      return { storage, store: await storage.openWorkspace(realmId) };
    } catch (error) {
      await storage.close();
      throw error;
    }
  };
  const { storage, store } = await open();
  for (const { id, chunk } of entries) await store.updateManifestAndChunks(fileManifest(id, 1, true), [chunk], []);
  await store.updateCheckpoint(2, [{ id: damaged.id, remoteVersion: 2 }]);
  await storage.close();
  const path = join(dir, owner.deviceId, realmId, "workspace_data-v1.sqlite");
  const alter = (sql: string, id: string) => {
    const database = new Database(path);
    database.prepare(sql).run(Buffer.from(id, "hex"));
    database.close();
  };
  return { path, open, alter };
}

/** All manifests in small pages: the ids of those that can be read, and of the others. */
async function list(store: WorkspaceStore) {
  const readable: VlobId[] = [];
  const unreadable: VlobId[] = [];
  let after: string | number | undefined;
  do {
    const { items, next } = await store.listManifests(after, 7);
    for (const item of items) {
      if ("damage" in item) {
        expect(item.damage).toMatchObject({ code: "STORAGE_CORRUPTED", entryId: item.id });
        unreadable.push(item.id);
      } else readable.push(item.base.id);
    }
    after = next;
  } while (after !== undefined);
  return { readable: new Set(readable), unreadable };
}

const blobs: readonly (readonly [string, string])[] = [
  ["empty", "UPDATE vlobs SET blob = x''"],
  ["cut", "UPDATE vlobs SET blob = substr(blob, 1, 60)"],
  ["of another key", "UPDATE vlobs SET blob = randomblob(length(blob))"],
  ["of another entry", "UPDATE vlobs SET blob = (SELECT blob FROM vlobs ORDER BY rowid DESC LIMIT 1)"],
];

describe.each(blobs)("a manifest that is %s", (_, sql) => {
  test("is named; the others are read, listed and found; it can be stored anew", async () => {
    const { open, alter } = await prepare();
    alter(`${sql} WHERE vlob_id = ?`, damaged.id);
    const { store } = await open();
    await expect(store.getManifest(damaged.id)).rejects.toMatchObject({
      code: "STORAGE_CORRUPTED",
      entryId: damaged.id,
      message: expect.stringContaining(VlobId.display(damaged.id)),
    });
    expect(await list(store)).toEqual({
      readable: new Set(others.map(({ id }) => id)),
      unreadable: [damaged.id],
    });
    expect(new Set(await store.getOutboundNeedSync(99))).toEqual(new Set(entries.map(({ id }) => id)));
    expect(await store.getInboundNeedSync(99)).toEqual([damaged.id]);
    await store.updateManifests(entries.map(({ id }) => fileManifest(id, 2, false)));
    expect((await list(store)).unreadable).toEqual([]);
    expect(await store.getOutboundNeedSync(99)).toEqual([]);
  });
});

test("a row with an impossible number is named, and holds no other", async () => {
  const { open, alter } = await prepare();
  alter("UPDATE vlobs SET remote_version = 9007199254740993 WHERE vlob_id = ?", damaged.id);
  const { store } = await open();
  await expect(store.getManifest(damaged.id)).rejects.toMatchObject({ code: "STORAGE_CORRUPTED", entryId: damaged.id });
  await expect(store.updateManifests([fileManifest(damaged.id, 1, true)])).rejects.toMatchObject({
    code: "STORAGE_CORRUPTED",
    entryId: damaged.id,
  });
  expect((await list(store)).unreadable).toEqual([damaged.id]);
  expect(await store.getOutboundNeedSync(99)).toHaveLength(others.length);
});

test("a row whose id is none belongs to no entry", async () => {
  const { open, alter } = await prepare();
  alter("UPDATE vlobs SET vlob_id = x'0102' WHERE vlob_id = ?", damaged.id);
  const { store } = await open();
  expect((await list(store)).readable).toEqual(new Set(others.map(({ id }) => id)));
  expect(await store.getOutboundBacklog()).toMatchObject({ entries: others.length });
});

describe("a chunk", () => {
  test.each(["x''", "substr(data, 1, 30)", "randomblob(length(data))"])(
    "that is %s is named, and holds no other",
    async (value) => {
      const { open, alter } = await prepare();
      alter(`UPDATE chunks SET data = CAST(${value} AS BLOB) WHERE chunk_id = ?`, damaged.chunk.id);
      const { store } = await open();
      await expect(store.getChunk(damaged.chunk.id)).rejects.toMatchObject({ code: "STORAGE_CORRUPTED" });
      for (const { chunk } of others) expect(await store.getChunk(chunk.id)).toBeDefined();
      await store.setChunk(damaged.chunk.id, damaged.chunk.data);
      expect(equalBytes((await store.getChunk(damaged.chunk.id)) ?? new Uint8Array(), damaged.chunk.data)).toBe(true);
    },
  );
});

test("random bytes at random places: each entry is as it was, or told to be damaged", {
  timeout: 120_000,
}, async () => {
  const { path, open } = await prepare();
  const whole = readFileSync(path);
  const places = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 });
  let found = 0;
  await fc.assert(
    fc.asyncProperty(places, async (cuts) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of cuts) bytes[at] = value;
      writeFileSync(path, bytes);
      const opened = await open().catch((error: unknown) => error);
      if (!(typeof opened === "object" && opened !== null && "store" in opened)) {
        expect(opened).toBeInstanceOf(StorageError);
        return;
      }
      const { store, storage } = opened as Awaited<ReturnType<typeof open>>;
      for (const { id, chunk } of entries) {
        const manifest = await store.getManifest(id).catch(typed);
        if (manifest !== undefined) {
          found += 1;
          expect(manifest).toEqual(fileManifest(id, 1, true));
        }
        const content = await store.getChunk(chunk.id).catch(typed);
        if (content !== undefined) expect(equalBytes(content, chunk.data)).toBe(true);
      }
      await list(store).catch(typed);
      await store.getOutboundNeedSync(99).catch(typed);
      await store.getOutboundBacklog().catch(typed);
      await store.updateManifests([fileManifest(damaged.id, 3, true)]).catch(typed);
      await storage.close().catch(typed);
    }),
    { numRuns: 40 },
  );
  // Most of it survives a few wrong bytes.
  expect(found).toBeGreaterThan(500);
});

/** Nothing but errors of ours. */
function typed(error: unknown): undefined {
  expect(ParsecError.is(error), String(error)).toBe(true);
}
