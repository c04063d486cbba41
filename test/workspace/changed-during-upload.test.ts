import { hasCode } from "@parsec/base";
import type { Workspace } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hookedTransport, type TransportHooks } from "../support/hooked-transport.ts";
import { LooseDevices, type OpenDevice } from "../support/loose-devices.ts";
import { pattern, readAll } from "../support/two-devices.ts";

// A file is changed while it is uploaded, at every block. Whatever the server accepts as a version has all its content:
// another device reads each one as soon as it is there.

const blocksize = 512 * 1024;
const blocks = 5;
const first = pattern(blocks * blocksize - 100, 1);

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

interface Change {
  readonly what: string;
  readonly run: (workspace: Workspace) => Promise<unknown>;
  /** The content in the end; `undefined` when the file is gone. */
  readonly last: Uint8Array | undefined;
}

const replaced = pattern(3 * blocksize, 2);
const truncated = first.subarray(0, blocksize + 7);
const lastChanged = first.map((byte, at) => (at === first.length - 1 ? byte ^ 1 : byte));

/** What the user does meanwhile. */
const changes: readonly Change[] = [
  { what: "replaced", run: (w) => w.writeFile("/in/file", replaced), last: replaced },
  { what: "truncated", run: (w) => w.writeFile("/in/file", truncated), last: truncated },
  { what: "emptied", run: (w) => w.writeFile("/in/file", ""), last: new Uint8Array() },
  { what: "changed in its last block", run: (w) => w.writeFile("/in/file", lastChanged), last: lastChanged },
  { what: "moved", run: (w) => w.move("/in/file", "/moved"), last: first },
  {
    what: "replaced and moved",
    run: async (w) => {
      await w.writeFile("/in/file", replaced);
      await w.move("/in/file", "/moved");
    },
    last: replaced,
  },
  { what: "removed", run: (w) => w.remove("/in/file"), last: undefined },
  { what: "removed with its folder", run: (w) => w.remove("/in", { recursive: true }), last: undefined },
  {
    what: "removed and written anew",
    run: async (w) => {
      await w.remove("/in/file");
      await w.writeFile("/in/file", truncated);
    },
    last: truncated,
  },
];

/** The content at whichever place the file has now. */
async function contentOf(workspace: Workspace): Promise<Uint8Array | undefined> {
  for (const path of ["/in/file", "/moved"]) {
    try {
      return await readAll(workspace, path);
    } catch (error) {
      if (!hasCode(error, "ENTRY_NOT_FOUND")) throw error;
    }
  }
  return undefined;
}

function isSame(one: Uint8Array | undefined, two: Uint8Array | undefined): boolean {
  return one === undefined || two === undefined ? one === two : Buffer.compare(one, two) === 0;
}

/** A device that reads what the server has, each time that it has something new. */
function watcher({ workspace }: OpenDevice, allowed: readonly (Uint8Array | undefined)[]): () => Promise<void> {
  return async () => {
    await workspace.sync();
    const found = await contentOf(workspace);
    expect(allowed.some((content) => isSame(content, found))).toBe(true);
  };
}

interface During {
  /** Runs just before the k-th block leaves; the uploader waits for it. */
  readonly k: number;
  readonly change: () => Promise<unknown>;
  readonly onVersion: () => Promise<void>;
}

function hooks({ k, change, onVersion }: During): TransportHooks & { readonly blocks: () => number } {
  let seen = 0;
  return {
    blocks: () => seen,
    before: async (command) => {
      if (command !== "block_create") return;
      seen += 1;
      if (seen === k) await change();
    },
    after: async (command) => {
      if (command === "vlob_create" || command === "vlob_update") await onVersion();
    },
  };
}

describe.each(changes)("a file is $what during its upload, at every block,", ({ run, last }) => {
  test("and the upload goes on", async () => {
    for (let k = 1; k <= blocks; k += 1) {
      const devices = await LooseDevices.load(server);
      const transport = hookedTransport();
      const here = await devices.open(0, { transport });
      const there = await devices.open(1);
      const onVersion = watcher(there, [undefined, first, last]);
      await here.workspace.createFolder("/in");
      await here.workspace.writeFile("/in/file", first);
      const meddling = hooks({ k, change: () => run(here.workspace), onVersion });
      transport.hooks = meddling;
      await here.workspace.sync();
      await here.workspace.sync();
      expect(meddling.blocks()).toBeGreaterThanOrEqual(k);
      expect(await here.workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
      await there.workspace.sync();
      for (const { workspace } of [here, there]) expect(isSame(await contentOf(workspace), last)).toBe(true);
      await Promise.all([here.close(), there.close()]);
    }
  });

  test("and the session is closed at once", async () => {
    for (let k = 1; k <= blocks; k += 1) {
      const devices = await LooseDevices.load(server);
      const transport = hookedTransport();
      const storage = memoryDriver();
      const here = await devices.open(0, { transport, storage });
      const there = await devices.open(1);
      const onVersion = watcher(there, [undefined, first, last]);
      await here.workspace.createFolder("/in");
      await here.workspace.writeFile("/in/file", first);
      let closing: Promise<void> | undefined;
      const change = async () => {
        await run(here.workspace);
        closing = here.close();
      };
      transport.hooks = hooks({ k, change, onVersion });
      await here.workspace.sync().catch((error: unknown) => {
        if (closing === undefined) throw error;
      });
      await closing;
      await onVersion();
      const again = await devices.open(0, { storage });
      await again.workspace.sync();
      expect(await again.workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
      await there.workspace.sync();
      for (const { workspace } of [again, there]) expect(isSame(await contentOf(workspace), last)).toBe(true);
      await Promise.all([again.close(), there.close()]);
    }
  });
});
