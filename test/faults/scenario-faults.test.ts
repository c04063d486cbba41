import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ParsecError } from "@parsec/base";
import type { Workspace } from "@parsec/client";
import { OfflineError } from "@parsec/connection";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, platformDriver, type StorageDriver, strictDriver } from "@parsec/storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LooseDevices } from "../support/loose-devices.ts";
import { ScriptedNetwork } from "../support/scripted-network.ts";
import { has } from "../support/simulation.ts";
import { names, pattern, readAll } from "../support/two-devices.ts";

// An import of three files, one of which is overwritten, one renamed, their folder moved, and all of it uploaded: at each
// write of the storage, and at each command, it fails or the process dies. Opened again and finished, all is as it should
// be, here and on another device.

const contents = new Map([
  ["a", pattern(100, 1)],
  ["b", pattern(530_000, 2)],
  ["c", pattern(300, 3)],
]);
const overwritten = pattern(200, 4);
const expected = new Map([
  ["a", overwritten],
  ["c", contents.get("c")],
  ["renamed", contents.get("b")],
]);

let server: RunningServer;
let dir: string;

beforeAll(async () => {
  server = await startServer({ testbed: true });
  dir = mkdtempSync(join(tmpdir(), "parsec-faults-"));
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true, force: true });
});

/** The scenario, or what is left of it. */
async function finish(workspace: Workspace): Promise<void> {
  if (!(await has(workspace, "/moved"))) {
    const entries = Array.from(contents, ([name, content]) => ({
      kind: "file" as const,
      names: [name],
      size: content.length,
      open: () => content,
    }));
    await workspace.import(entries, "/in");
    await workspace.writeFile("/in/a", overwritten);
    await workspace.move("/in/b", "/in/renamed", { replace: true });
    await workspace.move("/in", "/moved");
  }
  await workspace.sync();
}

async function expectAll(workspace: Workspace): Promise<void> {
  expect(await workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  expect((await names(workspace)).filter((name) => name !== "foo" && name !== "bar.txt")).toEqual(["moved"]);
  expect(await names(workspace, "/moved")).toEqual([...expected.keys()]);
  for (const [name, content] of expected) {
    expect(Buffer.compare(await readAll(workspace, `/moved/${name}`), content ?? Buffer.of()), name).toBe(0);
  }
}

interface Faults {
  readonly driver: ReturnType<typeof strictDriver>;
  readonly network: ScriptedNetwork;
}

/** Plays the scenario with a fault, then without; gives whether the fault came. */
async function play(inner: StorageDriver, begin: (faults: Faults) => () => boolean): Promise<boolean> {
  const devices = await LooseDevices.load(server);
  const driver = strictDriver(inner);
  const network = new ScriptedNetwork();
  const first = await devices.open(0, { storage: driver, transport: network });
  const hasCome = begin({ driver, network });
  const error: unknown = await finish(first.workspace).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (error !== undefined) expect(ParsecError.is(error), String(error)).toBe(true);
  const came = hasCome();
  await first.close().catch(() => undefined);
  driver.plan();
  network.rule = ({ pass }) => pass();
  const again = await devices.open(0, { storage: driver, transport: network });
  await finish(again.workspace);
  await again.workspace.purge();
  await expectAll(again.workspace);
  const other = await devices.open(1);
  await other.workspace.sync();
  await expectAll(other.workspace);
  await other.close();
  await again.close();
  await network.close();
  return came;
}

const writeFaults = {
  "is refused": (k: number) => ({ failAtWrite: k }),
  "kills, and is not stored": (k: number) => ({ dieAtWrite: k, storedBeforeDeath: false }),
  "kills, and is stored": (k: number) => ({ dieAtWrite: k, storedBeforeDeath: true }),
};

describe.each(Object.entries(writeFaults))("the k-th write %s, for every k", (_, plan) => {
  const atWrite = (k: number) => (faults: Faults) => {
    faults.driver.plan(plan(k));
    return () => faults.driver.writes >= k;
  };

  test("in memory", { timeout: 240_000 }, async () => {
    let k = 1;
    while (await play(memoryDriver(), atWrite(k))) k += 1;
    expect(k).toBeGreaterThan(10);
  });

  test("in SQLite, every fifth", { timeout: 240_000 }, async () => {
    let k = 1;
    while (await play(platformDriver(mkdtempSync(join(dir, "data-"))), atWrite(k))) k += 5;
    expect(k).toBeGreaterThan(10);
  });
});

describe.each(["the request is lost", "the reply is lost", "the process dies with it"])(
  "at the k-th command %s",
  (fault) => {
    test("for every k", { timeout: 240_000 }, async () => {
      const atCommand = (k: number) => (faults: Faults) => {
        let count = 0;
        faults.network.rule = async ({ pass }) => {
          count += 1;
          if (count === k) {
            if (fault === "the process dies with it") faults.driver.plan({ dieAtWrite: 1 });
            if (fault !== "the request is lost") (await pass()).discard();
            throw new OfflineError("as planned");
          }
          return pass();
        };
        return () => count >= k;
      };
      let k = 1;
      while (await play(memoryDriver(), atCommand(k))) k += 1;
      expect(k).toBeGreaterThan(8);
    });
  },
);
