import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "@parsec/base";
import { sha256 } from "@parsec/crypto";
import {
  BlockId,
  ChunkId,
  LocalFileManifest,
  LocalFolderManifest,
  LocalUserManifest,
  loadTrustedCertificate,
  VlobId,
} from "@parsec/types";
import { describe, expect, test } from "vitest";
import { openDeviceStorage, type WorkspaceManifest, type WorkspaceStore } from "../../src/index.ts";
import { sqliteDriver } from "../../src/node/sqlite/driver.ts";
import { filtersOf } from "../../src/store/certificate-query.ts";
import { neutral, sortedSets } from "../support/neutral.ts";
import { copyOf, type ExpectedWorkspace, idOf, type Snapshot, snapshots } from "../support/snapshot.ts";

// Folders of a real client: read, worked in, and read again. The first folder was closed properly, the second one by
// SIGKILL, with most of its rows in the write-ahead log.

async function digest(data: Uint8Array | undefined): Promise<string> {
  if (data === undefined) throw new Error("missing content");
  return toHex((await sha256(data)).toBytes());
}

function describeManifest(manifest: WorkspaceManifest | undefined): unknown {
  if (manifest === undefined) return undefined;
  return manifest.type === "local_file_manifest"
    ? neutral(LocalFileManifest, manifest)
    : sortedSets(neutral(LocalFolderManifest, manifest));
}

async function expectManifests(store: WorkspaceStore, expected: ExpectedWorkspace): Promise<void> {
  for (const { id, content } of expected.manifests) {
    expect(describeManifest(await store.getManifest(idOf(VlobId, id)))).toEqual(sortedSets(content));
  }
  const { items } = await store.listManifests(undefined, 1000);
  expect(new Set(items.map((item) => ("damage" in item ? item.damage : item.base.id)))).toEqual(
    new Set(expected.manifests.map(({ id }) => id)),
  );
}

async function expectContent(store: WorkspaceStore, { chunks, blocks }: ExpectedWorkspace): Promise<void> {
  expect(new Set(await store.chunkIds())).toEqual(new Set(Object.keys(chunks)));
  for (const [id, { sha256: expected }] of Object.entries(chunks)) {
    expect(await digest(await store.getChunk(idOf(ChunkId, id)))).toBe(expected);
  }
  const oldestFirst = Object.entries(blocks).sort(([, a], [, b]) => (a.accessed_on_us < b.accessed_on_us ? -1 : 1));
  expect(await store.blockIds()).toEqual(oldestFirst.map(([id]) => id));
  for (const [id, { sha256: expected }] of Object.entries(blocks)) {
    expect(await digest(await store.getBlock(idOf(BlockId, id)))).toBe(expected);
    expect(await store.getChunk(idOf(ChunkId, id))).toBeUndefined();
  }
}

async function expectPending(store: WorkspaceStore, { pending }: ExpectedWorkspace): Promise<void> {
  expect(new Set(await store.getOutboundNeedSync(100))).toEqual(new Set(pending.need_sync));
  expect(new Set(await store.getInboundNeedSync(100))).toEqual(new Set(pending.need_inbound));
  expect(await store.getOutboundBacklog()).toEqual({ entries: pending.backlog_entries, bytes: pending.backlog_bytes });
}

describe.each(snapshots)("the folder $name of a real client", (snapshot: Snapshot) => {
  test("its certificates", async () => {
    const { dir, owner } = await copyOf(snapshot);
    const storage = await openDeviceStorage(sqliteDriver({ dir }), owner);
    const { rows, last_timestamp_us: last } = snapshot.certificates;
    const stored = await storage.certificates.all();
    const described = await Promise.all(
      stored.map(async ({ type, timestamp, signed }) => ({
        type,
        us: String(timestamp),
        sha256: await digest(signed),
      })),
    );
    expect(described).toEqual(rows.map((row) => ({ type: row.type, us: row.timestamp_us, sha256: row.signed_sha256 })));

    const { common, sequester, shamirRecovery, realm } = await storage.certificates.lastTimestamps();
    const topics = { common, sequester, shamir: shamirRecovery };
    const realms = [...realm].map(([id, time]) => [`realm:${id}`, time]);
    const all = Object.fromEntries([...Object.entries(topics), ...realms]);
    expect(Object.fromEntries(Object.entries(all).map(([topic, time]) => [topic, String(time)]))).toEqual(last);

    // We would store each of them under the same filters.
    stored.forEach(({ signed }, index) => {
      const { filter1, filter2 } = filtersOf(loadTrustedCertificate(signed).value);
      const hex = (filter: Uint8Array | null) => (filter === null ? null : toHex(filter));
      expect([hex(filter1), hex(filter2)]).toEqual([rows[index]?.filter1, rows[index]?.filter2]);
    });
    await storage.close();
  });

  test("its user manifest", async () => {
    const { dir, owner } = await copyOf(snapshot);
    const storage = await openDeviceStorage(sqliteDriver({ dir }), owner);
    const manifest = await storage.user.getUserManifest();
    if (manifest === undefined) throw new Error("no user manifest");
    expect(neutral(LocalUserManifest, manifest)).toEqual(snapshot.user.user_manifest);
    expect(await storage.user.getCheckpoint()).toBe(snapshot.user.checkpoint);
    await storage.close();
  });

  test("its workspaces", async () => {
    const { dir, owner } = await copyOf(snapshot);
    const storage = await openDeviceStorage(sqliteDriver({ dir }), owner);
    for (const expected of snapshot.workspaces) {
      const store = await storage.openWorkspace(idOf(VlobId, expected.realm_id));
      const { pattern, fully_applied: fullyApplied } = expected.prevent_sync_pattern;
      expect(await store.getPreventSyncPattern()).toEqual({ pattern, fullyApplied });
      expect(await store.getCheckpoint()).toBe(expected.checkpoint);
      await expectManifests(store, expected);
      await expectContent(store, expected);
      await expectPending(store, expected);
    }
    await storage.close();
  });

  test("goes on: what was there stays, what is written is there after a new start", async () => {
    const { dir, owner } = await copyOf(snapshot);
    const first = await openDeviceStorage(sqliteDriver({ dir }), owner);
    const [expected] = snapshot.workspaces;
    if (expected === undefined) throw new Error("no workspace");
    const realmId = idOf(VlobId, expected.realm_id);
    const before = await first.openWorkspace(realmId);
    const root = await before.getManifest(realmId);
    if (root?.type !== "local_folder_manifest") throw new Error("no root folder");
    const chunk = { id: ChunkId.generate(), data: new Uint8Array(1000).fill(5) };
    const changed = { ...root, needSync: true, children: new Map() };
    await before.updateManifestAndChunks(changed, [chunk], []);
    await first.certificates.add([]);
    await first.close();

    const second = await openDeviceStorage(sqliteDriver({ dir }), owner);
    const after = await second.openWorkspace(realmId);
    expect(await after.getManifest(realmId)).toEqual(changed);
    expect(await after.getChunk(chunk.id)).toEqual(chunk.data);
    const others = expected.manifests.filter(({ id }) => id !== realmId);
    for (const { id, content } of others) {
      expect(describeManifest(await after.getManifest(idOf(VlobId, id)))).toEqual(sortedSets(content));
    }
    expect(await second.certificates.all()).toHaveLength(snapshot.certificates.rows.length);
    await second.close();

    // A proper stop leaves the databases alone.
    const names = await readdir(join(dir, owner.deviceId), { recursive: true });
    expect(names.filter((name) => /-(wal|shm)$/.test(name))).toEqual([]);
  });
});
