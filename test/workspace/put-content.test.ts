import type { Workspace } from "@parsec/client";
import { sha256 } from "@parsec/crypto";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, openDeviceStorage, type WorkspaceStore } from "@parsec/storage";
import { type LocalFileManifest, newChunkView, promoteAsBlock, type VlobId } from "@parsec/types";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hookedTransport } from "../support/hooked-transport.ts";
import { LooseDevices, type OpenDevice } from "../support/loose-devices.ts";
import { chunksOnDevice, type MeddledDriver, meddledDriver } from "../support/meddled-driver.ts";
import { holds } from "../support/patience.ts";
import { pattern, readAll } from "../support/two-devices.ts";

// A write takes over the blocks that its file has already. Until it ends the file may be replaced, moved, removed, come
// into conflict: each content stays whole, has its own chunks, and goes up.

const blocksize = 512 * 1024;
const old = pattern(3 * blocksize, 1);
/** As the old content, but for the last block. */
const next = old.map((byte, at) => (at >= 2 * blocksize ? byte ^ 0xff : byte));

let server: RunningServer;
let devices: LooseDevices;
let storage: MeddledDriver;
let here: OpenDevice;
let there: OpenDevice;
let workspace: Workspace;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());
beforeEach(async () => {
  devices = await LooseDevices.load(server);
  storage = meddledDriver(memoryDriver());
  here = await devices.open(0, { storage });
  there = await devices.open(1);
  workspace = here.workspace;
  await workspace.createFolder("/d");
});
afterEach(() => Promise.all([here.close(), there.close()]));

/** Begins to write `next` over `/file`, and does something once all blocks but the last were taken in. */
async function writeAround(meanwhile: () => Promise<unknown>): Promise<void> {
  const source = async function* () {
    // More than is read ahead of the storing: the first blocks are stored, or taken over, before the last one comes.
    yield next.subarray(0, 2 * blocksize);
    await meanwhile();
    yield next.subarray(2 * blocksize);
  };
  await workspace.writeFile("/file", source());
}

async function expectBoth(expected: Readonly<Record<string, Uint8Array>>): Promise<void> {
  await workspace.sync();
  await there.workspace.sync();
  await workspace.sync();
  for (const side of [workspace, there.workspace]) {
    for (const [path, content] of Object.entries(expected)) {
      expect(Buffer.compare(await readAll(side, path), content)).toBe(0);
    }
  }
  expect(await workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  await workspace.purge();
  await here.close();
  expect(await chunksOnDevice(storage, here.session.deviceId, workspace.id)).toEqual([]);
}

describe.each([
  ["that was never uploaded", async (): Promise<void> => undefined],
  ["that was uploaded", (): Promise<void> => workspace.sync()],
] as const)("a file %s, while new content comes,", (_, before) => {
  beforeEach(async () => {
    await workspace.writeFile("/file", old);
    await before();
  });

  test("stays", async () => {
    storage.forget();
    await writeAround(async () => undefined);
    // The blocks that it has are not stored again.
    expect(storage.written.get("put_chunk")).toBe(1);
    await expectBoth({ "/file": next });
  });

  test("is replaced", async () => {
    storage.forget();
    await writeAround(() => workspace.writeFile("/file", pattern(100, 5)));
    // Nobody else has the blocks that were taken over: they are stored once.
    expect(storage.written.get("put_chunk")).toBe(2);
    await expectBoth({ "/file": next });
  });

  test("is replaced, and the new content is replaced too", async () => {
    await writeAround(() => workspace.writeFile("/file", pattern(100, 5)));
    await workspace.writeFile("/file", "last");
    await expectBoth({ "/file": new TextEncoder().encode("last") });
  });

  test("is moved, and changed there", async () => {
    await writeAround(() => workspace.move("/file", "/d/moved"));
    await workspace.writeFile("/d/moved", pattern(100, 6));
    await expectBoth({ "/file": next, "/d/moved": pattern(100, 6) });
  });

  test("is moved, and the new one is changed", async () => {
    await writeAround(() => workspace.move("/file", "/d/moved"));
    await workspace.writeFile("/file", pattern(100, 6));
    await expectBoth({ "/file": pattern(100, 6), "/d/moved": old });
  });

  test("is moved, and another file takes its place", async () => {
    await workspace.writeFile("/other", pattern(2 * blocksize, 7));
    await writeAround(async () => {
      await workspace.move("/file", "/d/moved");
      await workspace.move("/other", "/file");
    });
    await workspace.remove("/d/moved");
    await expectBoth({ "/file": next });
  });

  test("is removed", async () => {
    await writeAround(() => workspace.remove("/file"));
    await expectBoth({ "/file": next });
  });

  test("is removed, and content in use is purged", async () => {
    await writeAround(async () => {
      await workspace.remove("/file");
      await workspace.purge();
    });
    await expectBoth({ "/file": next });
  });

  test("gets the same content by another write", async () => {
    await writeAround(() => workspace.writeFile("/file", next));
    await expectBoth({ "/file": next });
  });

  test("goes up", async () => {
    storage.forget();
    await writeAround(() => workspace.sync());
    expect(storage.written.get("put_chunk")).toBe(1);
    await expectBoth({ "/file": next });
  });

  test("goes up, and is moved", async () => {
    storage.forget();
    await writeAround(async () => {
      await workspace.sync();
      await workspace.move("/file", "/d/moved");
    });
    // What the server has anybody may name.
    expect(storage.written.get("put_chunk")).toBe(1);
    await expectBoth({ "/file": next, "/d/moved": old });
  });
});

test("a file comes into conflict while new content comes: both contents stay, each with its own chunks", async () => {
  await workspace.writeFile("/file", "base");
  await workspace.sync();
  await there.workspace.sync();
  await workspace.writeFile("/file", old);
  await there.workspace.writeFile("/file", "theirs");
  await there.workspace.sync();
  await writeAround(() => workspace.sync());
  const copy = "/file (Parsec sync conflict 2)";
  await workspace.writeFile(copy, "copy");
  await expectBoth({ "/file": next, [copy]: new TextEncoder().encode("copy") });
});

test("a write that is refused in the end leaves nothing, and takes nothing away", async () => {
  await workspace.writeFile("/file", old);
  const refused = writeAround(async () => {
    await workspace.move("/file", "/d/moved");
    await workspace.createFolder("/file");
  });
  await expect(refused).rejects.toMatchObject({ code: "ENTRY_IS_FOLDER" });
  await expectBoth({ "/d/moved": old });
});

test("the same content is no change, whatever its chunks", async () => {
  await workspace.writeFile("/file", old);
  await workspace.sync();
  const changed = workspace.writeFile("/file", next);
  const same = workspace.writeFile("/file", next);
  const outcomes = (await Promise.all([changed, same])).map(({ outcome }) => outcome);
  // Whichever comes first.
  expect(outcomes.sort()).toEqual(["replaced", "unchanged"]);
  await workspace.sync();
  expect(await workspace.writeFile("/file", next)).toMatchObject({ outcome: "unchanged" });
  expect(await workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  expect(await workspace.writeFile("/file", next.subarray(0, next.length - 1))).toMatchObject({ outcome: "replaced" });
  await expectBoth({ "/file": next.subarray(0, next.length - 1) });
});

test("a write that fails while its blocks are on their way to the disk leaves none of them", async () => {
  let isStoring = false;
  storage.meddling = {
    apply: async (inner, writes) => {
      isStoring ||= writes.some(({ kind }) => kind === "put_chunk");
      for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return inner.apply(writes);
    },
  };
  const source = async function* () {
    // A batch of eight, and one more: the batch is being stored when the source fails.
    yield pattern(9 * blocksize, 8);
    await holds("a batch to be stored", () => isStoring);
    throw new Error("torn out");
  };
  storage.forget();
  await expect(workspace.writeFile("/new", source())).rejects.toThrow("torn out");
  const counts = () => ["put_chunk", "delete_chunk"].map((kind) => storage.written.get(kind));
  await holds("all blocks to be stored, and let go", () => counts().every((count) => count === 8));
  await here.close();
  expect(await chunksOnDevice(storage, here.session.deviceId, workspace.id)).toEqual([]);
});

test("what is written twice at once is kept once", async () => {
  await Promise.all([workspace.writeFile("/new", old), workspace.writeFile("/new", old)]);
  await here.close();
  expect(storage.written.get("put_chunk")).toBe(6);
  expect(await chunksOnDevice(storage, here.session.deviceId, workspace.id)).toHaveLength(3);
});

/** Changes what is stored of a file, as another client could have left it. */
async function leftBehind(
  id: VlobId,
  change: (file: LocalFileManifest, store: WorkspaceStore) => LocalFileManifest | Promise<LocalFileManifest>,
): Promise<void> {
  await here.close();
  const device = await openDeviceStorage(storage, devices.device(0));
  const store = await device.openWorkspace(workspace.id);
  const manifest = await store.getManifest(id);
  if (manifest?.type !== "local_file_manifest") throw new Error("it is a file");
  await store.updateManifests([await change(manifest, store)]);
  await device.close();
  here = await devices.open(0, { storage });
  workspace = here.workspace;
}

test("a block at another place is another block: a file of larger ones is written anew", async () => {
  const { id } = await workspace.writeFile("/file", "small");
  const [large, tail] = [pattern(2 * blocksize, 3), pattern(blocksize, 4)];
  await leftBehind(id, async (file, store) => {
    const blocks = [];
    for (const [start, data] of [
      [0, large],
      [2 * blocksize, tail],
    ] as const) {
      const view = promoteAsBlock(newChunkView(start, start + data.length), await sha256(data));
      await store.setChunk(view.id, data);
      blocks.push([view]);
    }
    return { ...file, size: 3 * blocksize, blocksize: 2 * blocksize, blocks, needSync: true };
  });
  const content = new Uint8Array(Buffer.concat([pattern(blocksize, 5), tail]));
  await workspace.writeFile("/file", content);
  await expectBoth({ "/file": content });
});

test("the same blocks are a change when the file ends elsewhere", async () => {
  const { id } = await workspace.writeFile("/file", old);
  // As a client leaves it that grew the file without storing the zeros.
  await leftBehind(id, (file) => ({ ...file, size: file.size + 1000 }));
  expect(await readAll(workspace, "/file")).toHaveLength(old.length + 1000);
  expect(await workspace.writeFile("/file", old)).toMatchObject({ outcome: "replaced", size: old.length });
  await expectBoth({ "/file": old });
});

test("what only differs in the size of its last block, or in one byte, is a change", async () => {
  for (const content of [old, old.subarray(0, blocksize + 1), old.subarray(0, blocksize), next, old]) {
    await workspace.writeFile("/file", content);
    expect(Buffer.compare(await readAll(workspace, "/file"), content)).toBe(0);
  }
});

test("an upload that has to wait does not hold up a write", async () => {
  await here.close();
  const transport = hookedTransport();
  here = await devices.open(0, { storage, transport });
  workspace = here.workspace;
  await workspace.writeFile("/file", old);
  let goOn = () => {};
  const blocked = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  transport.hooks = { before: (command) => (command === "block_create" ? blocked : undefined) };
  const syncing = workspace.sync();
  expect(await workspace.writeFile("/file", next)).toMatchObject({ outcome: "replaced" });
  expect(Buffer.compare(await readAll(workspace, "/file"), next)).toBe(0);
  goOn();
  await syncing;
  await expectBoth({ "/file": next });
});
