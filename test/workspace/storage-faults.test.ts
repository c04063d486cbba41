import { ParsecError } from "@parsec/base";
import { createParsec, type Session, type Workspace } from "@parsec/client";
import { memoryDeviceStore } from "@parsec/device";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, type StrictDriver, strictDriver } from "@parsec/storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LoadedOrganization, loadDump, localDevice, readDump } from "../support/organization-dump.ts";
import { names, pattern, readAll, workspaceOf } from "../support/two-devices.ts";

// The storage refuses, or dies at, the k-th write, for every k: what was acknowledged is there after a new login, and a
// file shows its old or its new content, never something in between.

const blocksize = 512 * 1024;
const oldContent = pattern(blocksize + 7, 1);
const newContent = pattern(2 * blocksize + 9, 2);
const patch = pattern(100, 3);
/** What a handle makes of the old content. */
const patched = oldContent.slice();
patched.set(patch, blocksize - 95);
const dump = readDump("minimal_client_ready.json");

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

interface Bench {
  readonly organization: LoadedOrganization;
  readonly driver: StrictDriver;
}

async function open({ organization, driver }: Bench): Promise<{ session: Session; workspace: Workspace }> {
  const parsec = await createParsec({ deviceStore: memoryDeviceStore(), storage: driver, sync: "manual" });
  const session = await parsec.login(localDevice(dump, "Alice", organization));
  await session.refresh();
  return { session, workspace: await workspaceOf({ session, close: () => session.close() }) };
}

/** A device with one synchronized file. */
async function prepare(): Promise<Bench> {
  const bench = { organization: await loadDump(server.url, dump), driver: strictDriver(memoryDriver()) };
  const { session, workspace } = await open(bench);
  await workspace.writeFile("/file", oldContent);
  await workspace.sync();
  await session.close();
  return bench;
}

const operations: readonly (readonly [string, (workspace: Workspace) => Promise<unknown>])[] = [
  ["writeFile over a file", (workspace) => workspace.writeFile("/file", newContent)],
  ["writeFile of a new file", (workspace) => workspace.writeFile("/new", newContent)],
  ["createFolder", (workspace) => workspace.createFolder("/folder")],
  ["move", (workspace) => workspace.move("/file", "/foo/moved")],
  ["copy of what is not uploaded", copyFresh],
  ["write through a handle", (workspace) => writePart(workspace)],
  ["makeLocal and release", (workspace) => workspace.makeLocal("/file").then(() => workspace.release("/file"))],
  [
    "writeFile and sync",
    async (workspace) => {
      await workspace.writeFile("/file", newContent);
      await workspace.sync();
    },
  ],
];

async function copyFresh(workspace: Workspace): Promise<void> {
  await workspace.writeFile("/file", newContent);
  await workspace.copy("/file", "/new");
}

/** Over the end of a block, in one go. */
async function writePart(workspace: Workspace): Promise<void> {
  const handle = await workspace.open("/file", { write: true });
  try {
    await handle.write(blocksize - 95, patch);
  } finally {
    await handle.close();
  }
}

/** The content is whole, under whichever name; and the device still comes in step with the server. */
async function checkInvariants(bench: Bench): Promise<void> {
  const { session, workspace } = await open(bench);
  await checkContent(workspace);
  await workspace.purge();
  await workspace.sync();
  expect(await workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  await session.close();
}

async function checkContent(workspace: Workspace): Promise<void> {
  const root = await names(workspace);
  const places = [...root.map((name) => `/${name}`), ...(await names(workspace, "/foo")).map((name) => `/foo/${name}`)];
  for (const path of places.filter((place) => /file|new|moved/.test(place))) {
    const content = await readAll(workspace, path);
    const isKnown = [oldContent, newContent, patched].some((known) => Buffer.compare(known, content) === 0);
    expect(isKnown, path).toBe(true);
  }
  expect(root.includes("file") !== places.includes("/foo/moved")).toBe(true);
}

describe.each(operations)("%s", (_, operation) => {
  test.each(["failAtWrite", "dieAtWrite", "dieAfterWrite"] as const)("%s k, for every k", async (kind) => {
    for (let k = 1; ; k += 1) {
      const bench = await prepare();
      const { session, workspace } = await open(bench);
      const storedBeforeDeath = kind === "dieAfterWrite";
      bench.driver.plan(kind === "failAtWrite" ? { failAtWrite: k } : { dieAtWrite: k, storedBeforeDeath });
      let failure: unknown;
      await operation(workspace).catch((error: unknown) => {
        failure = error;
      });
      const reached = bench.driver.writes >= k;
      if (failure !== undefined) expect(ParsecError.is(failure), String(failure)).toBe(true);
      // After a refused write the session goes on with what it knew.
      if (kind === "failAtWrite") await checkContent(workspace);
      await session.close().catch(() => undefined);
      bench.driver.plan();
      await checkInvariants(bench);
      if (!reached) break;
    }
  });
});
