import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SettableClock } from "@parsec/base";
import { localTree } from "@parsec/cli";
import type { ImportEntry, Workspace } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, StorageError } from "@parsec/storage";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LooseDevices, type OpenDevice } from "../support/loose-devices.ts";
import { meddledDriver } from "../support/meddled-driver.ts";
import { holds } from "../support/patience.ts";
import { names, pattern, readText } from "../support/two-devices.ts";

// An import of which a part goes wrong.

let server: RunningServer;
let devices: LooseDevices;
let alice: OpenDevice;
let workspace: Workspace;
let dir: string;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "parsec-import-"));
  devices = await LooseDevices.load(server);
  alice = await devices.open(0);
  workspace = alice.workspace;
});
afterEach(async () => {
  await alice.close();
  await rm(dir, { recursive: true });
});

const file = (name: string, content = name): ImportEntry => ({
  kind: "file",
  names: name.split("/"),
  size: content.length,
  open: () => content,
});

/** The tree, with something done to the outside just before an entry is given. */
async function* meddling(
  tree: AsyncIterable<ImportEntry>,
  before: Readonly<Record<string, () => Promise<unknown>>>,
): AsyncGenerator<ImportEntry, void, undefined> {
  for await (const entry of tree) {
    await before[entry.names.join("/")]?.();
    yield entry;
  }
}

async function openDescriptors(): Promise<number> {
  return (await readdir("/proc/self/fd")).length;
}

describe("a tree with one undecodable name, one file that vanishes, one unreadable file", () => {
  const undecodable = Buffer.from([0x62, 0xff, 0xfe]);

  /** Stands for a file that the system does not let us read, also when the test runs as root. */
  const makeUnreadable = async (name: string) => {
    await rm(join(dir, name), { force: true, recursive: true });
    await mkdir(join(dir, name));
  };

  test("the others are in, and the three are left out with reasons, at each run", async () => {
    await mkdir(join(dir, "sub"));
    for (const name of ["a", "sub/b", "z"]) await writeFile(join(dir, name), name);
    await writeFile(Buffer.concat([Buffer.from(`${dir}/`), undecodable]), "x");
    const run = async () => {
      await writeFile(join(dir, "gone"), "x");
      await rm(join(dir, "locked"), { force: true, recursive: true });
      await writeFile(join(dir, "locked"), "x");
      const tree = meddling(localTree(dir), {
        gone: () => rm(join(dir, "gone")),
        locked: () => makeUnreadable("locked"),
      });
      return workspace.import(tree, "/in");
    };
    const skipped = [
      { path: "b\ufffd\ufffd", reason: "UNDECODABLE_NAME" },
      { path: "gone", reason: "VANISHED" },
      { path: "locked", reason: "UNREADABLE" },
    ];
    const first = await run();
    expect(first).toMatchObject({
      imported: ["/in/a", "/in/sub/b", "/in/z"],
      unchanged: [],
      folders: 1,
      bytes: 7,
      skipped,
    });
    expect(await names(workspace, "/in")).toEqual(["a", "sub", "z"]);
    const second = await run();
    expect(second).toMatchObject({ imported: [], unchanged: ["/in/a", "/in/sub/b", "/in/z"], skipped });
    expect(second.skipped.map(({ error }) => error === undefined)).toEqual([true, false, false]);
  });

  test("folders that vanish or cannot be read are left out, and what comes after them is in", async () => {
    for (const name of ["gone", "locked"]) {
      await mkdir(join(dir, name));
      await writeFile(join(dir, name, "x"), "x");
    }
    await writeFile(join(dir, "z"), "z");
    // Names are read once the entry of the folder was taken.
    const tree = (async function* () {
      for await (const entry of localTree(dir)) {
        yield entry;
        const [name = ""] = entry.names;
        if (entry.kind !== "folder") continue;
        await rm(join(dir, name), { recursive: true });
        if (name === "locked") await writeFile(join(dir, name), "no folder");
      }
    })();
    const report = await workspace.import(tree, "/in");
    expect(report.imported).toEqual(["/in/z"]);
    expect(report.skipped).toMatchObject([
      { path: "gone", reason: "VANISHED" },
      { path: "locked", reason: "UNREADABLE" },
    ]);
  });

  test("a path that is not there at all is an error", async () => {
    await expect(workspace.import(localTree(join(dir, "missing")), "/in")).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("what the browser says of files is understood too", async () => {
    const failing = (name: string, errorName: string): ImportEntry => ({
      kind: "file",
      names: [name],
      size: 1,
      open: () => {
        throw new DOMException("no", errorName);
      },
    });
    const tree = [failing("gone", "NotFoundError"), failing("locked", "NotReadableError"), file("ok")];
    expect(await workspace.import(tree, "/in")).toMatchObject({
      imported: ["/in/ok"],
      skipped: [
        { path: "gone", reason: "VANISHED" },
        { path: "locked", reason: "UNREADABLE" },
      ],
    });
  });

  test("a file that fails in the middle leaves nothing", async () => {
    const source = async function* () {
      yield pattern(10 * 512 * 1024);
      throw new Error("the disk broke");
    };
    const broken: ImportEntry = { kind: "file", names: ["broken"], size: 6_000_000, open: () => source() };
    const report = await workspace.import([broken, file("ok")], "/in");
    expect(report).toMatchObject({
      imported: ["/in/ok"],
      skipped: [{ path: "broken", reason: "UNREADABLE" }],
      bytes: 2,
    });
    expect(await workspace.pendingUploads()).toMatchObject({ bytes: 2 });
  });

  test("a file that is longer than any may be is left out", async () => {
    const report = await workspace.import(
      [{ ...file("x"), size: Number.MAX_SAFE_INTEGER } as ImportEntry, file("ok")],
      "/",
    );
    expect(report).toMatchObject({ imported: ["/ok"], skipped: [{ path: "x", reason: "TOO_LARGE" }] });
  });
});

describe("an import that fails", () => {
  test("closes all files, and keeps what it has read completely", async () => {
    for (let i = 0; i < 50; i += 1) await writeFile(join(dir, `f${String(i).padStart(2, "0")}`), pattern(700_000, i));
    const before = await openDescriptors();
    const tree = meddling(localTree(dir), {
      f40: () => Promise.reject(new Error("the tree broke")),
    });
    await expect(workspace.import(tree, "/in")).rejects.toThrow("the tree broke");
    await holds("the files to be closed", async () => (await openDescriptors()) <= before);
    const there = await names(workspace, "/in");
    expect(there.length).toBeGreaterThanOrEqual(32);
    expect(await workspace.import(localTree(dir), "/in")).toMatchObject({
      unchanged: there.map((name) => `/in/${name}`),
    });
    expect(await names(workspace, "/in")).toHaveLength(50);
  });

  test("because one entry is in the way of another puts the others in the tree", async () => {
    await workspace.createFolder("/in/folder", { recursive: true });
    const tree = [file("a"), file("folder"), file("b")];
    await expect(workspace.import(tree, "/in")).rejects.toMatchObject({ code: "ENTRY_IS_FOLDER" });
    expect(await names(workspace, "/in")).toEqual(["a", "b", "folder"]);
    await workspace.writeFile("/in/c", "c");
    await expect(workspace.import([{ kind: "folder", names: ["c"] }, file("d")], "/in")).rejects.toMatchObject({
      code: "ENTRY_EXISTS",
    });
    expect(await names(workspace, "/in")).toEqual(["a", "b", "c", "d", "folder"]);
    await expect(workspace.import([file("no/e"), file("f")], "/in")).rejects.toMatchObject({
      code: "PARENT_NOT_FOUND",
    });
    expect(await names(workspace, "/in")).toContain("f");
  });

  test("because the storage is full leaves no content behind", async () => {
    await alice.close();
    const storage = meddledDriver(memoryDriver());
    alice = await devices.open(0, { storage });
    workspace = alice.workspace;
    storage.meddling = {
      apply: async (inner, writes) => {
        if (writes.some(({ kind }) => kind === "put_vlob")) throw new StorageError("STORAGE_FULL", "full (as planned)");
        return inner.apply(writes);
      },
    };
    await expect(workspace.import([file("a"), file("b")], "/")).rejects.toMatchObject({ code: "STORAGE_FULL" });
    storage.meddling = {};
    expect(await names(workspace)).not.toContain("a");
    expect(await workspace.purge()).toBe(0);
    expect(await workspace.import([file("a"), file("b")], "/")).toMatchObject({ imported: ["/a", "/b"] });
    expect(await readText(workspace, "/b")).toBe("b");
  });
});

describe("files appear", () => {
  test("soon, though the tree gives no more", async () => {
    await alice.close();
    const clock = new SettableClock(Date.now() * 1000);
    alice = await devices.open(0, { clock });
    workspace = alice.workspace;
    let isAsked = false;
    let goOn = () => {};
    const tree = (async function* () {
      yield file("a");
      isAsked = true;
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      yield file("b");
    })();
    const importing = workspace.import(tree, "/");
    await holds("the tree to be asked for more", () => isAsked && clock.pendingTimers > 0);
    expect(await names(workspace)).not.toContain("a");
    clock.advance(1_000);
    await holds("the first file to appear", async () => (await names(workspace)).includes("a"));
    goOn();
    expect(await importing).toMatchObject({ imported: ["/a", "/b"] });
  });

  test("in batches: 256 files, or 16 MiB, do not wait for the end", async () => {
    for (const [count, content] of [
      [256, "x"],
      [4, pattern(4 * 1024 * 1024)],
    ] as const) {
      const target = `/${count}`;
      let seen = -1;
      const tree = (async function* (): AsyncGenerator<ImportEntry, void, undefined> {
        for (let i = 0; i < count; i += 1) {
          yield { kind: "file", names: [`f${i}`], size: content.length, open: () => content };
        }
        await holds(`${count} files to appear`, async () => (await names(workspace, target)).length === count);
        seen = (await names(workspace, target)).length;
      })();
      await workspace.import(tree, target);
      expect(seen).toBe(count);
    }
  });
});
