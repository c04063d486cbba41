import { ParsecError } from "@parsec/base";
import type { FileHandle, Workspace } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { expectSame } from "../support/assertions.ts";
import { LooseDevices } from "../support/loose-devices.ts";
import { chunksOnDevice } from "../support/meddled-driver.ts";
import { pattern, readAll } from "../support/two-devices.ts";

// Handles of a few files, several of each, against arrays of bytes; renames, removals, whole writes and uploads in between.
// Each handle shows its entry's bytes at any moment, whatever becomes of the path; in the end another device has the same,
// and nothing is left over.

const blocksize = 512 * 1024;
const offsets = [0, 5, blocksize - 3, blocksize, 2 * blocksize + 9] as const;
const sizes = [1, 40, blocksize, blocksize + 11] as const;
const paths = ["/a", "/b"] as const;

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

const path = fc.constantFrom(...paths);
const slot = fc.nat(3);
const offset = fc.constantFrom(...offsets);
const size = fc.constantFrom(...sizes);
const of = <Kind extends string>(kind: Kind) => fc.constant(kind);

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: of("open"), slot, path, create: fc.boolean(), truncate: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ kind: of("write"), slot, offset, size }) },
  { weight: 3, arbitrary: fc.record({ kind: of("append"), slot, size }) },
  { weight: 2, arbitrary: fc.record({ kind: of("within"), slot, offset, size }) },
  { weight: 3, arbitrary: fc.record({ kind: of("resize"), slot, offset, onlyCut: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: of("read"), slot, offset, size }) },
  { weight: 2, arbitrary: fc.record({ kind: of("flush"), slot }) },
  { weight: 2, arbitrary: fc.record({ kind: of("close"), slot }) },
  { weight: 1, arbitrary: fc.record({ kind: of("move"), path }) },
  { weight: 1, arbitrary: fc.record({ kind: of("remove"), path }) },
  { weight: 1, arbitrary: fc.record({ kind: of("replace"), path, size }) },
  { weight: 2, arbitrary: fc.record({ kind: of("sync"), isAwaited: fc.boolean() }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** An entry, as it should be. */
interface Entry {
  bytes: Uint8Array;
}

interface Open {
  readonly handle: FileHandle;
  readonly entry: Entry;
}

function resized(bytes: Uint8Array, length: number): Uint8Array {
  const next = new Uint8Array(length);
  next.set(bytes.subarray(0, length));
  return next;
}

function write({ entry }: Open, at: number, data: Uint8Array): void {
  if (data.length === 0) return;
  entry.bytes = resized(entry.bytes, Math.max(entry.bytes.length, at + data.length));
  entry.bytes.set(data, at);
}

class Run {
  readonly #workspace: Workspace;
  readonly #entries = new Map<string, Entry>();
  readonly #open = new Map<number, Open>();
  readonly #syncs: Promise<void>[] = [];
  #seed = 0;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  get entries(): ReadonlyMap<string, Entry> {
    return this.#entries;
  }

  async take(next: Step): Promise<void> {
    if ("path" in next) return this.#takeOnPath(next);
    if (next.kind === "sync") {
      const sync = this.#sync();
      this.#syncs.push(sync);
      if (next.isAwaited) await sync;
      return;
    }
    const open = this.#open.get(next.slot);
    if (open === undefined) return;
    await this.#takeOnHandle(open, next);
    if (this.#open.has(next.slot)) expect((await open.handle.stat()).size).toBe(open.entry.bytes.length);
  }

  async #takeOnHandle(open: Open, next: Exclude<Step, { path: string } | { kind: "sync" }>): Promise<void> {
    const { handle, entry } = open;
    switch (next.kind) {
      case "write": {
        const data = this.#data(next.size);
        expect(await handle.write(next.offset, data)).toBe(data.length);
        return write(open, next.offset, data);
      }
      case "append": {
        const data = this.#data(next.size);
        await handle.writeAtEnd(data);
        return write(open, entry.bytes.length, data);
      }
      case "within": {
        const data = this.#data(next.size).subarray(0, Math.max(0, entry.bytes.length - next.offset));
        expect(await handle.writeWithin(next.offset, this.#data(next.size, 0))).toBe(data.length);
        return write(open, next.offset, data);
      }
      case "resize":
        await handle.resize(next.offset, { onlyCut: next.onlyCut });
        if (!next.onlyCut || next.offset < entry.bytes.length) entry.bytes = resized(entry.bytes, next.offset);
        return;
      case "read":
        return expectSame(
          await handle.read(next.offset, next.size),
          entry.bytes.subarray(next.offset, next.offset + next.size),
        );
      case "flush":
        return handle.flush();
      case "close":
        return this.#close(next.slot);
    }
  }

  async #takeOnPath(next: Extract<Step, { path: string }>): Promise<void> {
    const entry = this.#entries.get(next.path);
    const other = next.path === "/a" ? "/b" : "/a";
    switch (next.kind) {
      case "open":
        return this.#openAt(next, entry);
      case "move":
        if (entry === undefined) return;
        await this.#workspace.move(next.path, other, { replace: true });
        this.#entries.delete(next.path);
        this.#entries.set(other, entry);
        return;
      case "remove":
        if (entry === undefined) return;
        await this.#workspace.remove(next.path);
        this.#entries.delete(next.path);
        return;
      case "replace": {
        // What handles wrote and did not store lies on a new content, which is another test.
        for (const open of this.#open.values()) if (open.entry === entry) await open.handle.flush();
        const bytes = this.#data(next.size);
        await this.#workspace.writeFile(next.path, bytes);
        if (entry === undefined) this.#entries.set(next.path, { bytes });
        else entry.bytes = bytes;
        return;
      }
    }
  }

  async #openAt(next: Extract<Step, { kind: "open" }>, known: Entry | undefined): Promise<void> {
    if (this.#open.has(next.slot)) await this.#close(next.slot);
    if (known === undefined && !next.create) {
      await expect(this.#workspace.open(next.path)).rejects.toMatchObject({ code: "ENTRY_NOT_FOUND" });
      return;
    }
    const options = { read: true, write: true, create: next.create, truncate: next.truncate };
    const handle = await this.#workspace.open(next.path, options);
    const entry = known ?? { bytes: new Uint8Array() };
    if (next.truncate) entry.bytes = new Uint8Array();
    this.#entries.set(next.path, entry);
    this.#open.set(next.slot, { handle, entry });
  }

  async #close(at: number): Promise<void> {
    const open = this.#open.get(at);
    this.#open.delete(at);
    await open?.handle.close();
  }

  async #sync(): Promise<void> {
    try {
      await this.#workspace.sync();
    } catch (error) {
      if (!ParsecError.is(error) || error.code !== "SYNC_INCOMPLETE") throw error;
      for (const { reason } of Reflect.get(error, "left")) expect(reason).toBe("ENTRY_BUSY");
    }
  }

  /** New bytes; `ahead` 0 gives those of the last time again. */
  #data(length: number, ahead = 1): Uint8Array {
    this.#seed += ahead;
    return pattern(length, this.#seed);
  }

  async finish(): Promise<void> {
    for (const { handle, entry } of this.#open.values()) {
      expectSame(await handle.read(0, 100 * blocksize), entry.bytes);
    }
    for (const at of [...this.#open.keys()]) await this.#close(at);
    await Promise.all(this.#syncs);
    for (const [where, { bytes }] of this.#entries) expectSame(await readAll(this.#workspace, where), bytes);
    await this.#workspace.sync();
    expect(await this.#workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  }
}

test("handles show the bytes of their entries", async () => {
  const devices = await LooseDevices.load(server);
  const other = await devices.open(1);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const storage = memoryDriver();
      const here = await devices.open(0, { storage });
      const { id } = here.workspace;
      try {
        for (const where of paths) await here.workspace.remove(where).catch(() => undefined);
        const run = new Run(here.workspace);
        for (const next of steps) await run.take(next);
        await run.finish();
        await other.workspace.sync();
        for (const [where, { bytes }] of run.entries) expectSame(await readAll(other.workspace, where), bytes);
      } finally {
        await here.close();
      }
      expect(await chunksOnDevice(storage, devices.device(0).deviceId, id)).toEqual([]);
    }),
    { numRuns: 20, endOnFailure: true },
  );
  await other.close();
});
