import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBlock, ready, SecretKey, sealBlock } from "@parsec/crypto";
import {
  type BlockWrite,
  type DeviceDatabases,
  type DeviceStorage,
  openDeviceStorage,
  platformDriver,
  type WorkspaceDatabase,
  type WorkspaceStore,
} from "@parsec/storage";
import { BlockId, DeviceId, VlobId } from "@parsec/types";
import { afterAll, beforeAll, it } from "vitest";
import { compare } from "./compare.ts";

// Blocks through the cache, several at once, against sealing them and handing them to the driver in one transaction.
// Bar: 1.25 times its duration.
const bar = 1 / 1.25;
const size = 512 * 1024;
const blocks = Array.from({ length: 20 }, (_, index) => ({
  id: BlockId.generate(),
  data: new Uint8Array(size).fill(index),
}));
const bytes = blocks.length * size;

let dir: string;
let localSymkey: SecretKey;
let storage: DeviceStorage;
let store: WorkspaceStore;
let databases: DeviceDatabases;
let raw: WorkspaceDatabase;

beforeAll(async () => {
  await ready();
  dir = await mkdtemp(join(tmpdir(), "parsec-bench-"));
  localSymkey = SecretKey.generate();
  const driver = platformDriver(dir);
  storage = await openDeviceStorage(driver, {
    deviceId: DeviceId.generate(),
    userRealmId: VlobId.generate(),
    localSymkey,
  });
  store = await storage.openWorkspace(VlobId.generate());
  databases = await driver.openDevice(DeviceId.generate());
  raw = await databases.openWorkspace(VlobId.generate());
});
afterAll(async () => {
  await databases.close();
  await storage.close();
  await rm(dir, { recursive: true });
});

it("puts blocks", async () => {
  const putRaw = async () => {
    const sealed = await Promise.all(blocks.map(({ data }) => sealBlock(localSymkey, data)));
    const puts = blocks.map(({ id }, index): BlockWrite => {
      return { kind: "put_block", block: { id, data: sealed[index] ?? new Uint8Array(), accessedOn: index } };
    });
    await raw.applyToCache(puts);
  };
  const ours = () => Promise.all(blocks.map(({ id, data }) => store.setBlock(id, data)));
  await compare({ name: `put ${blocks.length} blocks`, bytes, raw: putRaw, ours, bar });
});

it("gets blocks", async () => {
  const getRaw = async () => {
    for (const { id } of blocks) await openBlock(localSymkey, (await raw.block(id)) ?? new Uint8Array());
  };
  const ours = async () => {
    for (const { id } of blocks) await store.getBlock(id);
  };
  await compare({ name: `get ${blocks.length} blocks`, bytes, raw: getRaw, ours, bar });
});
