import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, openDeviceStorage, type StorageDriver } from "@parsec/storage";
import {
  type ChunkId,
  DateTime,
  EntryName,
  type LocalFileManifest,
  newLocalFileManifest,
  type VlobId,
} from "@parsec/types";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hookedTransport } from "../../../../test/support/hooked-transport.ts";
import { LooseDevices, type OpenDevice } from "../../../../test/support/loose-devices.ts";
import { chunksOnDevice, type MeddledDriver, meddledDriver } from "../../../../test/support/meddled-driver.ts";
import { pattern } from "../../../../test/support/two-devices.ts";
import { resize } from "../../src/workspace/file/resize.ts";
import { writeAt } from "../../src/workspace/file/write.ts";

// Files of every shape, as writes here and there or another client leave them: several views in a slot, windows on
// larger chunks, holes, slots of other sizes. They read as what they are, before and after they went up.

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

type Edit =
  | { readonly kind: "write"; readonly offset: number; readonly size: number }
  | { readonly kind: "resize"; readonly size: number };

/** A file made by edits, its chunks, and what it holds. */
class Shape {
  manifest: LocalFileManifest;
  readonly chunks = new Map<ChunkId, Uint8Array>();
  #content = new Uint8Array();
  #seed = 0;

  constructor(author: Parameters<typeof newLocalFileManifest>[0], parent: VlobId, blocksize: number) {
    this.manifest = { ...newLocalFileManifest(author, parent, DateTime.fromSeconds(1)), blocksize };
  }

  get content(): Uint8Array {
    return this.#content;
  }

  edit(edit: Edit): void {
    const time = DateTime.fromSeconds(2);
    if (edit.kind === "resize") {
      const { manifest, removed } = resize(this.manifest, edit.size, time);
      this.#become(manifest, removed);
      this.#cut(edit.size);
      return;
    }
    const { offset, size } = edit;
    const data = pattern(size, (this.#seed += 1));
    const { manifest, newChunks, removed } = writeAt(this.manifest, { offset, size, time });
    for (const { id, start, stop } of newChunks) this.chunks.set(id, data.slice(start - offset, stop - offset));
    this.#become(manifest, removed);
    if (size > 0) this.#cut(Math.max(this.#content.length, offset + size));
    this.#content.set(data, size > 0 ? offset : 0);
  }

  #become(manifest: LocalFileManifest, removed: readonly ChunkId[]): void {
    this.manifest = manifest;
    for (const id of removed) this.chunks.delete(id);
  }

  #cut(size: number): void {
    const content = new Uint8Array(size);
    content.set(this.#content.subarray(0, size));
    this.#content = content;
  }
}

interface Prepared {
  readonly devices: LooseDevices;
  readonly storage: MeddledDriver;
  readonly shape: Shape;
}

/** A device that has the file as `/shape`, on disk alone. */
async function prepare(blocksize: number, edits: readonly Edit[]): Promise<Prepared> {
  const devices = await LooseDevices.load(server);
  const inner: StorageDriver = memoryDriver();
  const before = await devices.open(0, { storage: inner });
  const realmId = before.workspace.id;
  await before.close();
  const device = devices.device(0);
  const storage = await openDeviceStorage(inner, device);
  const store = await storage.openWorkspace(realmId);
  const root = await store.getManifest(realmId);
  if (root?.type !== "local_folder_manifest") throw new Error("no root");
  const shape = new Shape(device.deviceId, realmId, blocksize);
  for (const edit of edits) shape.edit(edit);
  const children = new Map([...root.children, [EntryName.parse("shape"), shape.manifest.base.id]]);
  await store.applyChanges({
    manifests: [{ ...root, children, needSync: true }, shape.manifest],
    newChunks: Array.from(shape.chunks, ([id, data]) => ({ id, data })),
  });
  await storage.close();
  return { devices, storage: meddledDriver(inner), shape };
}

async function read(stream: ReadableStream<Uint8Array>): Promise<{ content: Buffer; largest: number }> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return { content: Buffer.concat(parts), largest: Math.max(0, ...parts.map((part) => part.length)) };
}

const sizes = { nat: fc.nat(60) };
const edit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("write" as const), offset: sizes.nat, size: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("resize" as const), size: sizes.nat }) },
);

test("any edits, with slots of any size", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(8, 16, 24),
      fc.array(edit, { maxLength: 8 }),
      fc.array(fc.tuple(sizes.nat, sizes.nat), { maxLength: 4 }),
      async (blocksize, edits, ranges) => {
        const { devices, storage, shape } = await prepare(blocksize, edits);
        const here = await devices.open(0, { storage });
        const there = await devices.open(1);
        const check = async ({ workspace }: typeof here) => {
          const whole = await read(await workspace.readFile("/shape"));
          expect(Buffer.compare(whole.content, shape.content)).toBe(0);
          for (const [offset, size] of ranges) {
            const part = await read(await workspace.readFile("/shape", { offset, size }));
            expect(Buffer.compare(part.content, shape.content.subarray(offset, offset + size))).toBe(0);
          }
        };
        await check(here);
        await here.workspace.sync();
        expect(await here.workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
        await check(here);
        await there.workspace.sync();
        await check(there);
        await Promise.all([here.close(), there.close()]);
      },
    ),
    { numRuns: 15 },
  );
});

describe("slots larger than pieces", () => {
  const mebibyte = 1024 * 1024;
  const edits: readonly Edit[] = [
    { kind: "write", offset: 100, size: 3 * mebibyte },
    { kind: "write", offset: mebibyte, size: 10 },
    { kind: "write", offset: 17 * mebibyte, size: mebibyte },
    { kind: "resize", size: 40 * mebibyte },
  ];

  test("are given in parts, each chunk is loaded once, and holes cost nothing", async () => {
    const { devices, storage, shape } = await prepare(16 * mebibyte, edits);
    const here = await devices.open(0, { storage });
    let loads = 0;
    storage.meddling = {
      chunk: (inner, id) => {
        loads += 1;
        return inner.chunk(id);
      },
    };
    const { content, largest } = await read(await here.workspace.readFile("/shape"));
    expect(Buffer.compare(content, shape.content)).toBe(0);
    expect(largest).toBe(mebibyte);
    expect(loads).toBe(shape.chunks.size);
    await here.close();
  });
});

describe("a file of three slots that are not blocks yet is replaced", () => {
  const edits: readonly Edit[] = [
    { kind: "write", offset: 0, size: 60 },
    { kind: "write", offset: 10, size: 5 },
    { kind: "write", offset: 30, size: 5 },
    { kind: "write", offset: 50, size: 5 },
  ];
  const replaced = pattern(1000, 99);

  async function expectReplaced({ devices, storage }: Prepared, here: OpenDevice): Promise<void> {
    await here.workspace.sync();
    const there = await devices.open(1);
    await there.workspace.sync();
    for (const { workspace } of [here, there]) {
      const { content } = await read(await workspace.readFile("/shape"));
      expect(Buffer.compare(content, replaced)).toBe(0);
    }
    await Promise.all([here.close(), there.close()]);
    expect(await chunksOnDevice(storage, devices.device(0).deviceId, here.workspace.id)).toEqual([]);
  }

  test("while they become blocks, before and after each", async () => {
    for (let k = 1; k <= 3; k += 1) {
      const prepared = await prepare(24, edits);
      const { devices, storage, shape } = prepared;
      const here = await devices.open(0, { storage });
      let stores = 0;
      let writing: Promise<unknown> | undefined;
      storage.meddling = {
        apply: (inner, writes) => {
          const isShape = writes.some((write) => write.kind === "put_vlob" && write.row.id === shape.manifest.base.id);
          stores += isShape ? 1 : 0;
          // It is waited for outside: this is under the lock that it needs.
          if (stores === k) writing ??= here.workspace.writeFile("/shape", replaced);
          return inner.apply(writes);
        },
      };
      await here.workspace.sync();
      expect(writing).toBeDefined();
      await writing;
      storage.meddling = {};
      await expectReplaced(prepared, here);
    }
  });

  test("while its first block goes up: the others, made for this upload, stay until it ends", async () => {
    const slots = 12;
    const all: Edit[] = [{ kind: "write", offset: 0, size: slots * 24 }];
    for (let slot = 0; slot < slots; slot += 1) all.push({ kind: "write", offset: slot * 24 + 5, size: 3 });
    const prepared = await prepare(24, all);
    const transport = hookedTransport();
    const here = await prepared.devices.open(0, { storage: prepared.storage, transport });
    let isReplaced = false;
    transport.hooks = {
      before: async (command) => {
        if (command !== "block_create" || isReplaced) return;
        isReplaced = true;
        await here.workspace.writeFile("/shape", replaced);
      },
    };
    await here.workspace.sync();
    expect(transport.sent.get("block_read")).toBeUndefined();
    await expectReplaced(prepared, here);
  });

  test("while its blocks go up, at each", async () => {
    for (let k = 1; k <= 3; k += 1) {
      const prepared = await prepare(24, edits);
      const transport = hookedTransport();
      const here = await prepared.devices.open(0, { storage: prepared.storage, transport });
      let blocks = 0;
      transport.hooks = {
        before: async (command) => {
          if (command !== "block_create") return;
          blocks += 1;
          if (blocks === k) await here.workspace.writeFile("/shape", replaced);
        },
      };
      await here.workspace.sync();
      await expectReplaced(prepared, here);
    }
  });
});
