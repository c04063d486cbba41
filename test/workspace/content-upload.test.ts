import type { SyncIncompleteError } from "@parsec/client";
import { OfflineError } from "@parsec/connection";
import { HashDigest } from "@parsec/crypto";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, openDeviceStorage, StorageError, type WorkspaceStore } from "@parsec/storage";
import { type BlockId, blockIdOfChunk, ChunkId, type LocalFileManifest } from "@parsec/types";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type HookedTransport, hookedTransport } from "../support/hooked-transport.ts";
import { LooseDevices, type OpenDevice } from "../support/loose-devices.ts";
import { chunksOnDevice, type MeddledDriver, meddledDriver } from "../support/meddled-driver.ts";
import { names, pattern, readAll, readText } from "../support/two-devices.ts";

// What goes up, how often, and what is made of content that is damaged or missing on this device.

const blocksize = 512 * 1024;
const mebibyte = 1024 * 1024;

let server: RunningServer;
let devices: LooseDevices;
let storage: MeddledDriver;
let transport: HookedTransport;
let here: OpenDevice;
let there: OpenDevice;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());
beforeEach(async () => {
  devices = await LooseDevices.load(server);
  storage = meddledDriver(memoryDriver());
  transport = hookedTransport();
  here = await devices.open(0, { storage, transport });
  there = await devices.open(1);
});
afterEach(() => Promise.all([here.close(), there.close()]));

/** Stores a file; gives the chunks that hold its content. */
async function chunksOfNew(path: string, content: Uint8Array): Promise<readonly ChunkId[]> {
  const before = new Set(storage.chunks);
  await here.workspace.writeFile(path, content);
  return [...storage.chunks].filter((id) => !before.has(id));
}

const sentBlocks = () => transport.sent.get("block_create") ?? 0;

describe("each block goes up once", () => {
  test("when several callers synchronize a 40 MiB file at once, and progress ends at its total", async () => {
    await here.workspace.writeFile("/large", pattern(40 * mebibyte));
    const progress: { done: number; total?: number }[] = [];
    const watched = () => here.workspace.sync({ onProgress: (step) => progress.push(step) });
    await Promise.all([watched(), here.workspace.sync(), watched()]);
    await here.workspace.sync();
    expect(sentBlocks()).toBe(80);
    expect(progress.at(-1)).toEqual({ done: 40 * mebibyte, total: 40 * mebibyte });
    expect(await here.workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  });

  test("when the device also synchronizes by itself", async () => {
    await here.close();
    here = await devices.open(0, { storage, transport, sync: "auto" });
    await here.workspace.writeFile("/large", pattern(4 * mebibyte));
    await Promise.all([here.workspace.sync(), here.workspace.sync()]);
    expect(sentBlocks()).toBe(8);
  });

  test("when the upload is interrupted, but for those whose answer was lost", async () => {
    await here.workspace.writeFile("/large", pattern(8 * mebibyte));
    const accepted = 9;
    let answers = 0;
    transport.hooks = {
      after: (command) => {
        if (command !== "block_create") return;
        answers += 1;
        if (answers > accepted) throw new OfflineError("lost reply");
      },
    };
    await expect(here.workspace.sync()).rejects.toMatchObject({ code: "OFFLINE" });
    transport.hooks = {};
    transport.forget();
    await here.workspace.sync();
    expect(sentBlocks()).toBe(16 - accepted);
    await there.workspace.sync();
    expect(Buffer.compare(await readAll(there.workspace, "/large"), pattern(8 * mebibyte))).toBe(0);
  });

  test("when the session ends in between", async () => {
    await here.workspace.writeFile("/large", pattern(8 * mebibyte));
    let answers = 0;
    let closing: Promise<void> | undefined;
    transport.hooks = {
      after: (command) => {
        if (command !== "block_create") return;
        answers += 1;
        if (answers === 8) closing = here.close();
      },
    };
    await here.workspace.sync().catch(() => undefined);
    await closing;
    const [first] = [sentBlocks()];
    transport = hookedTransport();
    here = await devices.open(0, { storage, transport });
    await here.workspace.sync();
    // Of what was under way at the end, and of a batch of marks, nobody knows any more.
    expect(first + sentBlocks()).toBeLessThanOrEqual(16 + 4 + 4);
    await there.workspace.sync();
    expect(Buffer.compare(await readAll(there.workspace, "/large"), pattern(8 * mebibyte))).toBe(0);
  });

  test("and what was sent is written down once for four blocks", async () => {
    await here.workspace.writeFile("/large", pattern(8 * mebibyte));
    storage.forget();
    await here.workspace.sync();
    expect(storage.written.get("mark_chunk_sent")).toBe(16);
    // Four batches of marks, the acknowledged manifest and its folder, the end of the marked chunks.
    expect(storage.transactions).toBeLessThanOrEqual(4 + 2 + 2);
  });
});

test("what was sent is written down before the version goes, and is cached after it, on a slow disk too", async () => {
  let isMarked = false;
  storage.meddling = {
    apply: async (inner, writes) => {
      const isMark = writes.some(({ kind }) => kind === "mark_chunk_sent");
      for (let turn = 0; isMark && turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await inner.apply(writes);
      isMarked ||= isMark;
    },
  };
  await here.workspace.writeFile("/two", pattern(2 * blocksize));
  let wasMarked: boolean | undefined;
  transport.hooks = { before: (command) => void (command === "vlob_create" ? (wasMarked ??= isMarked) : undefined) };
  await here.workspace.sync();
  expect(wasMarked).toBe(true);
  await here.close();
  expect(await chunksOnDevice(storage, here.session.deviceId, here.workspace.id)).toEqual([]);
});

test("a file that is removed while its content goes up is not made on the server", async () => {
  await here.workspace.sync();
  transport.forget();
  await here.workspace.writeFile("/gone", pattern(blocksize));
  transport.hooks = {
    after: async (command) => {
      if (command !== "block_create") return;
      transport.hooks = {};
      await here.workspace.remove("/gone");
    },
  };
  await here.workspace.sync();
  expect([sentBlocks(), transport.sent.get("vlob_create")]).toEqual([1, undefined]);
});

/** Changes what a closed device has stored of a file. */
async function meddle(path: string, change: (file: LocalFileManifest, store: WorkspaceStore) => Promise<unknown>) {
  const { id } = await here.workspace.stat(path);
  await here.close();
  const device = await openDeviceStorage(storage, devices.device(0));
  const store = await device.openWorkspace(here.workspace.id);
  const file = await store.getManifest(id);
  if (file?.type !== "local_file_manifest") throw new Error("it is a file");
  await change(file, store);
  await device.close();
  here = await devices.open(0, { storage, transport });
}

test("a block that the former version names with other content is not taken for one that was sent", async () => {
  await here.workspace.writeFile("/file", pattern(blocksize));
  await meddle("/file", async (file, store) => {
    const access = file.blocks[0]?.[0]?.access;
    if (access == null) throw new Error("it is a block");
    const blocks = [{ ...access, digest: HashDigest.of(new Uint8Array(1)) }];
    await store.updateManifests([{ ...file, base: { ...file.base, size: blocksize, blocks } }]);
  });
  await here.workspace.sync();
  expect(sentBlocks()).toBe(1);
  await there.workspace.sync();
  expect(Buffer.compare(await readAll(there.workspace, "/file"), pattern(blocksize))).toBe(0);
});

test("a chunk of another size than its block is damaged: it does not go up", async () => {
  const [id = ChunkId.generate()] = await chunksOfNew("/file", pattern(blocksize));
  await meddle("/file", async (_, store) => store.setChunk(id, pattern(blocksize - 1)));
  const failure: unknown = await here.workspace.sync().catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "SYNC_INCOMPLETE", left: [{ path: "/file", reason: "CHUNK_NOT_FOUND" }] });
  expect(sentBlocks()).toBe(0);
});

test("a cached block is sent only when it is the block", async () => {
  const [id = ChunkId.generate()] = await chunksOfNew("/file", pattern(blocksize));
  await meddle("/file", async (_, store) => {
    await store.removeChunks([id]);
    await store.setBlock(blockIdOfChunk(id), pattern(blocksize, 2));
  });
  const incomplete = { code: "SYNC_INCOMPLETE", left: [{ path: "/file", reason: "CHUNK_NOT_FOUND" }] };
  await expect(here.workspace.sync()).rejects.toMatchObject(incomplete);
  expect(sentBlocks()).toBe(0);
  await meddle("/file", async (_, store) => store.setBlock(blockIdOfChunk(id), pattern(blocksize)));
  await here.workspace.sync();
  expect(sentBlocks()).toBe(1);
});

test("a block that was found on the server is not looked for again", async () => {
  const chunks = await chunksOfNew("/file", pattern(blocksize));
  transport.hooks = {
    after: (command) => {
      if (command === "block_create") throw new OfflineError("lost reply");
    },
  };
  await expect(here.workspace.sync()).rejects.toMatchObject({ code: "OFFLINE" });
  lose(chunks, "gone");
  transport.hooks = {
    before: (command) => {
      if (command === "vlob_create") throw new OfflineError("lost request");
    },
  };
  for (const _ of [1, 2]) await expect(here.workspace.sync()).rejects.toMatchObject({ code: "OFFLINE" });
  expect(transport.sent.get("block_read")).toBe(1);
});

/** From now on this content is gone, or is not what was stored. */
function lose(ids: readonly ChunkId[], how: "gone" | "damaged"): void {
  const lost = new Set(ids);
  storage.meddling = {
    chunk: async (inner, id) => {
      const stored = await inner.chunk(id);
      if (!lost.has(id) || stored === undefined) return stored;
      return how === "gone" ? undefined : stored.map((byte, at) => (at === stored.length - 1 ? byte ^ 1 : byte));
    },
  };
}

describe.each(["gone", "damaged"] as const)("content that is %s on this device", (how) => {
  test("holds up nobody else, is named, and never makes a version without content", async () => {
    const lost = await chunksOfNew("/lost", pattern(2 * blocksize, 1));
    await here.workspace.writeFile("/good", "good");
    lose(lost.slice(1), how);
    const error = await here.workspace.sync().then(
      () => undefined,
      (reason: SyncIncompleteError) => reason,
    );
    expect(error).toMatchObject({ code: "SYNC_INCOMPLETE", left: [{ path: "/lost", reason: "CHUNK_NOT_FOUND" }] });
    await there.workspace.sync();
    expect(await readText(there.workspace, "/good")).toBe("good");
    expect(await names(there.workspace)).not.toContain("lost");
    await expect(readAll(here.workspace, "/lost")).rejects.toMatchObject({
      code: "CHUNK_NOT_FOUND",
      message: expect.stringContaining("/lost"),
    });
    // Written again, it goes up.
    await here.workspace.writeFile("/lost", pattern(2 * blocksize, 2));
    await here.workspace.sync();
    await there.workspace.sync();
    expect(Buffer.compare(await readAll(there.workspace, "/lost"), pattern(2 * blocksize, 2))).toBe(0);
  });

  test("is not missed when the server has it", async () => {
    const content = pattern(3 * blocksize, 1);
    const chunks = await chunksOfNew("/file", content);
    // The blocks arrive, and this device does not hear of it.
    transport.hooks = {
      after: (command) => {
        if (command === "block_create") throw new OfflineError("lost reply");
      },
    };
    await expect(here.workspace.sync()).rejects.toMatchObject({ code: "OFFLINE" });
    transport.hooks = {};
    lose(chunks, how);
    transport.forget();
    // Which of them arrived before the first failure ended the upload, the server knows.
    await here.workspace.sync().catch((error: SyncIncompleteError) => expect(error.code).toBe("SYNC_INCOMPLETE"));
    expect(sentBlocks()).toBe(0);
    expect(transport.sent.get("block_read")).toBeGreaterThan(0);
    storage.meddling = {};
    await here.workspace.sync();
    await there.workspace.sync();
    expect(Buffer.compare(await readAll(there.workspace, "/file"), content)).toBe(0);
  });

  test("is written anew by a write of the same content", async () => {
    const content = pattern(blocksize, 1);
    const lost = await chunksOfNew("/lost", content);
    lose(lost, how);
    await here.workspace.writeFile("/lost", "x");
    await here.workspace.writeFile("/lost", content);
    await here.workspace.sync();
    await there.workspace.sync();
    expect(Buffer.compare(await readAll(there.workspace, "/lost"), content)).toBe(0);
  });
});

describe("a block cache that takes nothing", () => {
  beforeEach(async () => {
    const full = async () => {
      throw new StorageError("STORAGE_FULL", "No space left (as planned)");
    };
    storage.meddling = { applyToCache: full, moveChunksToBlocks: full };
  });

  test("is no reason for a read, a write or an upload to fail", async () => {
    const content = pattern(3 * blocksize);
    await there.workspace.writeFile("/theirs", content);
    await there.workspace.sync();
    await here.workspace.writeFile("/ours", content);
    await here.workspace.sync();
    expect(Buffer.compare(await readAll(here.workspace, "/theirs"), content)).toBe(0);
    expect(Buffer.compare(await readAll(here.workspace, "/ours"), content)).toBe(0);
    expect(await here.workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  });
});

test("cached blocks in each other's place are fetched again: each is whole, and the wrong one", async () => {
  const content = pattern(3 * blocksize - 5);
  const ids = (await chunksOfNew("/file", content)).map(blockIdOfChunk);
  await here.workspace.sync();
  const read = async () => Buffer.compare(await readAll(here.workspace, "/file"), content);
  transport.forget();
  expect(await read()).toBe(0);
  expect(transport.sent.get("block_read")).toBeUndefined();
  const [one, two, three] = ids as [BlockId, BlockId, BlockId];
  for (const [first, second] of [
    [one, two],
    [two, three],
  ] as const) {
    transport.forget();
    const swapped = new Map([
      [first, second],
      [second, first],
    ]);
    storage.meddling = { block: (inner, id) => inner.block(swapped.get(id) ?? id) };
    expect(await read()).toBe(0);
    expect(transport.sent.get("block_read")).toBe(2);
  }
});

test("content that was removed before it went up does not go up, and takes no space", async () => {
  const content = pattern(40 * mebibyte);
  await here.workspace.createFolder("/dir");
  await here.workspace.writeFile("/dir/a", content);
  await here.workspace.writeFile("/b", content.subarray(0, mebibyte));
  await here.workspace.remove("/dir", { recursive: true });
  await here.workspace.remove("/b");
  expect(await here.workspace.pendingUploads()).toMatchObject({ bytes: 0 });
  await here.workspace.sync();
  expect(sentBlocks()).toBe(0);
  expect(await here.workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  await here.close();
  expect(await chunksOnDevice(storage, here.session.deviceId, here.workspace.id)).toEqual([]);
});
