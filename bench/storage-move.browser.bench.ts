import { ready, SecretKey } from "@parsec/crypto";
import { openDeviceStorage, platformDriver } from "@parsec/storage";
import { ChunkId, DeviceId, VlobId } from "@parsec/types";
import { it } from "vitest";

// 100 MiB of content on its way from new chunks to cached blocks, in a page.

const size = 512 * 1024;
const count = 200;

async function measure(name: string, work: () => Promise<unknown>): Promise<void> {
  const time = performance.now();
  await work();
  console.log(`${name.padEnd(6)} ${Math.round(performance.now() - time)} ms`);
}

it("moves chunks to blocks", async () => {
  await ready();
  const owner = { deviceId: DeviceId.generate(), userRealmId: VlobId.generate(), localSymkey: SecretKey.generate() };
  const driver = platformDriver(`bench-${crypto.randomUUID()}`);
  const storage = await openDeviceStorage(driver, owner);
  const store = await storage.openWorkspace(VlobId.generate());
  const data = new Uint8Array(size).fill(7);
  const ids = Array.from({ length: count }, () => ChunkId.generate());
  const batches = (length: number) =>
    Array.from({ length: count / length }, (_, index) => ids.slice(index * length, (index + 1) * length));
  await measure("stage", async () => {
    for (const batch of batches(8)) await store.setChunks(batch.map((id) => ({ id, data })));
  });
  await measure("read", async () => {
    for (const id of ids) await store.getChunk(id);
  });
  await measure("mark", async () => {
    for (const batch of batches(4)) await store.markChunksSent(batch);
  });
  await measure("move", async () => {
    for (const batch of batches(50)) await store.moveSentChunksToBlocks(batch);
  });
  await storage.close();
  await driver.removeDevice(owner.deviceId);
});
