import type { Workspace } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, type StorageDriver, strictDriver } from "@parsec/storage";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LooseDevices, type OpenDevice } from "../support/loose-devices.ts";
import { chunksOnDevice } from "../support/meddled-driver.ts";
import { pattern } from "../support/two-devices.ts";

// A read that has begun gives the content as it was, whole, whatever happens to the file meanwhile; afterwards nothing
// of it stays.

const blocksize = 512 * 1024;
const pieces = 6;
const first = pattern(pieces * blocksize - 5, 1);

let server: RunningServer;
let devices: LooseDevices;
let storage: StorageDriver;
let alice: OpenDevice;
let workspace: Workspace;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());
beforeEach(async () => {
  devices = await LooseDevices.load(server);
  storage = strictDriver(memoryDriver());
  // No block is kept: content that left the chunks would have to come from the server.
  alice = await devices.open(0, { storage, blockCacheBytes: 0 });
  workspace = alice.workspace;
  await workspace.createFolder("/in");
  await workspace.writeFile("/in/file", first);
});
afterEach(() => alice.close());

async function leftOnDevice(): Promise<number> {
  const { deviceId } = alice.session;
  await alice.close();
  return (await chunksOnDevice(storage, deviceId, workspace.id)).length;
}

let moves = 0;
const freshPath = () => `/moved ${moves++}`;

const changes: readonly (readonly [string, () => Promise<unknown>])[] = [
  ["replaced", () => workspace.writeFile("/in/file", "new")],
  ["emptied", () => workspace.writeFile("/in/file", "")],
  [
    "replaced twice",
    async () => {
      await workspace.writeFile("/in/file", pattern(2 * blocksize, 2));
      await workspace.writeFile("/in/file", pattern(2 * blocksize, 3));
    },
  ],
  [
    "replaced and written back",
    async () => {
      await workspace.writeFile("/in/file", "new");
      await workspace.writeFile("/in/file", first);
    },
  ],
  ["moved", () => workspace.move("/in/file", freshPath())],
  ["removed", () => workspace.remove("/in/file")],
  ["removed with its folder", () => workspace.remove("/in", { recursive: true })],
  [
    "replaced by another file",
    async () => {
      await workspace.writeFile("/other", "other");
      await workspace.move("/other", "/in/file", { replace: true });
    },
  ],
  ["uploaded", () => workspace.sync()],
  [
    "uploaded, and replaced",
    async () => {
      await workspace.sync();
      await workspace.writeFile("/in/file", "new");
    },
  ],
  [
    "replaced, and uploaded",
    async () => {
      await workspace.writeFile("/in/file", "new");
      await workspace.sync();
    },
  ],
];

describe.each(changes)("a file is %s while it is read", (_, change) => {
  test("at every piece", async () => {
    for (let k = 0; k <= pieces; k += 1) {
      const reader = (await workspace.readFile("/in/file")).getReader();
      const parts: Uint8Array[] = [];
      for (let i = 0; ; i += 1) {
        if (i === k) {
          await change();
          await workspace.purge();
        }
        const { done, value } = await reader.read();
        if (done) break;
        parts.push(value);
      }
      expect(Buffer.compare(Buffer.concat(parts), first)).toBe(0);
      // As it was.
      await workspace.createFolder("/in", { recursive: true });
      await workspace.writeFile("/in/file", first);
      await workspace.purge();
    }
    await workspace.sync();
    expect(await leftOnDevice()).toBe(0);
  });

  test("by several that began at once, and of whom one leaves", async () => {
    const readers = await Promise.all(
      Array.from({ length: 3 }, async () => (await workspace.readFile("/in/file")).getReader()),
    );
    const [leaving, ...staying] = readers;
    await leaving?.read();
    await Promise.all([change(), leaving?.cancel()]);
    await workspace.purge();
    for (const reader of staying) {
      const parts: Uint8Array[] = [];
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        parts.push(value);
      }
      expect(Buffer.compare(Buffer.concat(parts), first)).toBe(0);
    }
    await workspace.sync();
    expect(await leftOnDevice()).toBe(0);
  });
});

test("a read that nobody takes up, or that fails, keeps nothing", async () => {
  await (await workspace.readFile("/in/file")).cancel();
  const stop = new AbortController();
  const aborted = (await workspace.readFile("/in/file", { signal: stop.signal })).getReader();
  await aborted.read();
  stop.abort(new Error("enough"));
  await expect(aborted.read()).rejects.toThrow("enough");
  const failing = await workspace.readFile("/in/file", {
    onProgress: () => {
      throw new Error("no");
    },
  });
  await expect(failing.getReader().read()).rejects.toThrow("no");
  await workspace.writeFile("/in/file", "");
  await workspace.purge();
  expect(await leftOnDevice()).toBe(0);
});

test("a range, and a read to exactly the end, keep nothing either", async () => {
  for (const range of [{ offset: blocksize - 1, size: 2 }, { offset: 10 * blocksize }, { size: 0 }]) {
    const parts: Uint8Array[] = [];
    for await (const part of await workspace.readFile("/in/file", range)) parts.push(part);
    const end = range.size === undefined ? undefined : (range.offset ?? 0) + range.size;
    expect(Buffer.compare(Buffer.concat(parts), first.subarray(range.offset ?? 0, end))).toBe(0);
  }
  // All bytes were given: the end does not have to be asked for.
  const reader = (await workspace.readFile("/in/file")).getReader();
  for (let i = 0; i < pieces; i += 1) await reader.read();
  await workspace.writeFile("/in/file", "");
  await workspace.purge();
  expect(await leftOnDevice()).toBe(0);
});

test("40 parallel reads, and as many writes, print no warning", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on("warning", onWarning);
  try {
    const { signal } = new AbortController();
    const readOne = async () => {
      let size = 0;
      for await (const part of await workspace.readFile("/in/file", { signal })) size += part.length;
      return size;
    };
    const sizes = await Promise.all(Array.from({ length: 40 }, readOne));
    expect(new Set(sizes)).toEqual(new Set([first.length]));
    await Promise.all(Array.from({ length: 40 }, (_, i) => workspace.writeFile(`/f${i}`, `${i}`, { signal })));
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  } finally {
    process.off("warning", onWarning);
  }
});
