import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ready, SecretKey } from "@parsec/crypto";
import { openDeviceStorage, platformDriver } from "@parsec/storage";
import { ChunkId, DeviceId, VlobId } from "@parsec/types";
import { it } from "vitest";

// Bytes that the process gives to the system to write, for each byte of content, on its way from a new chunk to a cached
// block. Linux counts them.

const size = 512 * 1024;
const count = 256;
const counters = "/proc/self/io";

async function written(): Promise<number> {
  if (!existsSync(counters)) return Number.NaN;
  return Number(/wchar: (\d+)/.exec(await readFile(counters, "utf8"))?.[1]);
}

async function measure(name: string, work: () => Promise<unknown>): Promise<void> {
  const [bytes, time, cpu] = [await written(), performance.now(), process.cpuUsage()];
  await work();
  const perByte = ((await written()) - bytes) / (count * size);
  const { user, system } = process.cpuUsage(cpu);
  const [ms, cpuMs] = [performance.now() - time, (user + system) / 1000].map(Math.round);
  console.log(`${name.padEnd(8)} ${perByte.toFixed(2)} bytes written per byte, ${ms} ms, ${cpuMs} ms of the processor`);
}

it("bytes written for 128 MiB of content", async () => {
  await ready();
  const dir = await mkdtemp(join(tmpdir(), "parsec-bench-"));
  const owner = { deviceId: DeviceId.generate(), userRealmId: VlobId.generate(), localSymkey: SecretKey.generate() };
  const storage = await openDeviceStorage(platformDriver(dir), owner);
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
    for (const batch of batches(64)) await store.moveSentChunksToBlocks(batch);
  });
  await measure("close", () => storage.close());
  await rm(dir, { recursive: true });
});
