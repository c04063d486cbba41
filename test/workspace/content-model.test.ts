import { hasCode, ParsecError } from "@parsec/base";
import type { Workspace } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, type StorageDriver, strictDriver } from "@parsec/storage";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hookedTransport } from "../support/hooked-transport.ts";
import { LooseDevices, type OpenDevice } from "../support/loose-devices.ts";
import { chunksOnDevice } from "../support/meddled-driver.ts";
import { pattern } from "../support/two-devices.ts";

// Writes, reads, uploads, removals, moves and purges of a few files, many at once, in random order. What is read is some
// content as it was written, whole; each version that the server accepts has all its content; in the end both devices
// have the same, and nothing is left over.

const blocksize = 512 * 1024;
const paths = ["/a", "/b", "/d/c"] as const;
const sizes = [0, 5, blocksize, blocksize + 1, 3 * blocksize - 7] as const;

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

type Step =
  | { readonly kind: "write"; readonly file: number; readonly size: number; readonly keepsStart: boolean }
  | { readonly kind: "read"; readonly file: number; readonly pause: number }
  | { readonly kind: "remove"; readonly file: number }
  | { readonly kind: "move"; readonly file: number; readonly to: number }
  | { readonly kind: "sync" }
  | { readonly kind: "purge" }
  /** All that is under way is waited for. */
  | { readonly kind: "wait" };

const file = fc.nat(paths.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      file,
      size: fc.nat(sizes.length - 1),
      keepsStart: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("read" as const), file, pause: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("remove" as const), file }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("move" as const), file, to: file }) },
  { weight: 2, arbitrary: fc.constant({ kind: "sync" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "purge" as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: "wait" as const }) },
);

/** Content whose first bytes tell which it is, and that shares blocks with others of its kind. */
function content(number: number, size: number, keepsStart: boolean): Uint8Array {
  const bytes = pattern(size, keepsStart ? 1 : number);
  const mark = new TextEncoder().encode(`#${number}`);
  if (size > 0) bytes.set(mark.subarray(0, Math.min(size, mark.length)), Math.max(0, size - mark.length));
  return bytes;
}

class Run {
  readonly #here: OpenDevice;
  readonly #written: Uint8Array[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #failures: unknown[] = [];

  constructor(here: OpenDevice) {
    this.#here = here;
  }

  get #workspace(): Workspace {
    return this.#here.workspace;
  }

  async take(next: Step): Promise<void> {
    if (next.kind === "wait") {
      await this.finish();
      return;
    }
    const work = this.#do(next)
      .catch((error: unknown) => {
        this.#failures.push(error);
      })
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
    // So that it begins before the next one.
    await new Promise((resolve) => setImmediate(resolve));
  }

  async finish(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  async #do(next: Exclude<Step, { kind: "wait" }>): Promise<void> {
    switch (next.kind) {
      case "write":
        await this.#write(next);
        return;
      case "read":
        await passOver(this.#read(paths[next.file] ?? "/a", next.pause), "ENTRY_NOT_FOUND");
        return;
      case "remove":
        await passOver(this.#workspace.remove(paths[next.file] ?? "/a"), "ENTRY_NOT_FOUND");
        return;
      case "move": {
        const [from, to] = [paths[next.file] ?? "/a", paths[next.to] ?? "/a"];
        await passOver(this.#workspace.move(from, to, { replace: true }), "ENTRY_NOT_FOUND");
        return;
      }
      case "sync":
        // Somebody may write all the time.
        await passOver(this.#workspace.sync(), "SYNC_INCOMPLETE");
        return;
      case "purge":
        await this.#workspace.purge();
    }
  }

  async #write({ file: index, size, keepsStart }: Extract<Step, { kind: "write" }>): Promise<void> {
    const bytes = content(this.#written.length, sizes[size] ?? 0, keepsStart);
    this.#written.push(bytes);
    await this.#workspace.writeFile(paths[index] ?? "/a", bytes);
  }

  async #read(path: string, pause: number): Promise<void> {
    const reader = (await this.#workspace.readFile(path)).getReader();
    const parts: Uint8Array[] = [];
    for (;;) {
      for (let i = 0; i < pause; i += 1) await new Promise((resolve) => setImmediate(resolve));
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
    }
    this.check(Buffer.concat(parts));
  }

  check(found: Uint8Array): void {
    expect(this.#written.some((bytes) => Buffer.compare(bytes, found) === 0)).toBe(true);
  }
}

async function passOver(work: Promise<unknown>, code: string): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!ParsecError.is(error) || !hasCode(error, code)) throw error;
  }
}

async function contents(workspace: Workspace): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const folder of ["/", "/d"]) {
    for await (const { name, kind } of workspace.list(folder)) {
      if (kind !== "file" || (folder === "/" && !paths.some((path) => path === `/${name}`))) continue;
      const path = `${folder === "/" ? "" : folder}/${name}`;
      const parts: Uint8Array[] = [];
      for await (const part of await workspace.readFile(path)) parts.push(part);
      found.set(path, Buffer.concat(parts));
    }
  }
  return found;
}

async function runAll(steps: readonly Step[]): Promise<void> {
  const devices = await LooseDevices.load(server);
  const storage: StorageDriver = strictDriver(memoryDriver());
  const transport = hookedTransport();
  const here = await devices.open(0, { storage, transport, blockCacheBytes: 0 });
  const there = await devices.open(1);
  const run = new Run(here);
  await here.workspace.createFolder("/d");
  await here.workspace.sync();
  transport.hooks = {
    after: async (command) => {
      if (command !== "vlob_create" && command !== "vlob_update") return;
      await there.workspace.sync();
      for (const found of (await contents(there.workspace)).values()) run.check(found);
    },
  };
  for (const next of steps) await run.take(next);
  await run.finish();
  await here.workspace.sync();
  expect(await here.workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  await there.workspace.sync();
  expect(await contents(there.workspace)).toEqual(await contents(here.workspace));
  expect(await here.workspace.purge()).toBe(0);
  await Promise.all([here.close(), there.close()]);
  expect(await chunksOnDevice(storage, here.session.deviceId, here.workspace.id)).toEqual([]);
}

/** More of them with `CONTENT_RUNS=100`. */
const runs = process.env["CONTENT_RUNS"];

test("many uses of a few files at once", { timeout: runs === undefined ? 300_000 : 3_600_000 }, async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), runAll), {
    numRuns: Number(runs ?? 8),
    endOnFailure: runs === undefined,
  });
});
