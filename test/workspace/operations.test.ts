import type { FoundEntry, MoveMode, Workspace } from "@parsec/client";
import { OfflineError } from "@parsec/connection";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver } from "@parsec/storage";
import { VlobId } from "@parsec/types";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, expectSame } from "../support/assertions.ts";
import { LooseDevices } from "../support/loose-devices.ts";
import { chunksOnDevice } from "../support/meddled-driver.ts";
import { countedDevice, someDevices } from "../support/some-devices.ts";
import { names, pattern, readAll, readText } from "../support/two-devices.ts";

// What can be done to files and folders as wholes.

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

const blocksize = 512 * 1024;
const idOf = async (workspace: Workspace, path: string) => (await workspace.stat(path)).id;

test("what creates an entry gives its id", async () => {
  const [{ workspace }] = await someDevices(server, 1);
  expect(await workspace.createFile("/f")).toBe(await idOf(workspace, "/f"));
  expect(await workspace.createFolder("/d")).toBe(await idOf(workspace, "/d"));
  expect(await workspace.createFolder("/d/e/f", { recursive: true })).toBe(await idOf(workspace, "/d/e/f"));
  expect(await workspace.createFolder("/d/e", { recursive: true })).toBe(await idOf(workspace, "/d/e"));
  expect(await workspace.createFolder("/", { recursive: true })).toBe(workspace.id);
  expect((await workspace.writeFile("/g", "x")).id).toBe(await idOf(workspace, "/g"));
  for (const path of ["/f", "/d", "/"]) {
    const entryId = await idOf(workspace, path);
    await expect(workspace.createFile(path)).rejects.toMatchObject({ code: "ENTRY_EXISTS", entryId });
  }
  expect(await codeOf(workspace.createFile("/none/f"))).toBe("PARENT_NOT_FOUND");
  expect(await codeOf(workspace.createFile("/f/f"))).toBe("PARENT_IS_FILE");
});

test("an entry is found by its id, wherever it is", async () => {
  const [{ workspace }] = await someDevices(server, 1);
  await workspace.createFolder("/d/e", { recursive: true });
  await workspace.writeFile("/d/e/f", "content");
  const [file, folder] = [await workspace.stat("/d/e/f"), await workspace.stat("/d/e")];
  expect(await workspace.statById(file.id)).toEqual(file);
  const listed = [];
  for await (const entry of workspace.listById(folder.id)) listed.push(entry);
  expect(listed).toEqual([{ ...file, name: "f" }]);
  expect(await codeOf(workspace.statById(VlobId.generate()))).toBe("ENTRY_NOT_FOUND");
  expect(await codeOf(workspace.listById(file.id).next())).toBe("ENTRY_IS_FILE");
});

describe("moving", () => {
  /** Two files, two folders with something in them. */
  async function fixture() {
    const [{ workspace }] = await someDevices(server, 1);
    for (const name of ["one", "two"]) {
      await workspace.writeFile(`/${name}`, name);
      await workspace.createFolder(`/${name}s/in`, { recursive: true });
    }
    return workspace;
  }

  const cases: readonly (readonly [MoveMode, string, string, string])[] = [
    ["no_replace", "/one", "/two", "ENTRY_EXISTS"],
    ["no_replace", "/one", "/one", "ENTRY_EXISTS"],
    ["no_replace", "/one", "/twos/one", "no error"],
    ["replace", "/one", "/two", "no error"],
    ["replace", "/one", "/twos", "no error"],
    ["replace", "/ones", "/twos", "no error"],
    ["replace_file", "/one", "/two", "no error"],
    ["replace_file", "/ones", "/two", "no error"],
    ["replace_file", "/one", "/twos", "ENTRY_EXISTS"],
    ["replace_file", "/ones", "/ones", "ENTRY_EXISTS"],
    ["exchange", "/one", "/two", "no error"],
    ["exchange", "/one", "/twos/in", "no error"],
    ["exchange", "/ones", "/two", "no error"],
    ["exchange", "/one", "/none", "ENTRY_NOT_FOUND"],
    ["exchange", "/ones", "/ones/in", "MOVE_INTO_ITSELF"],
    ["exchange", "/ones/in", "/ones", "MOVE_INTO_ITSELF"],
    ["exchange", "/none", "/one", "ENTRY_NOT_FOUND"],
    ["exchange", "/one", "/", "CANNOT_CHANGE_ROOT"],
  ];
  test.each(cases)("%s: %s to %s: %s", async (mode, from, to, code) => {
    const workspace = await fixture();
    const ids = [from, to].map((path) => idOf(workspace, path).catch(() => undefined));
    const [source, target] = await Promise.all(ids);
    expect(await codeOf(workspace.move(from, to, { mode }))).toBe(code);
    const [there, here] = await Promise.all([to, from].map((path) => idOf(workspace, path).catch(() => undefined)));
    if (code === "no error") {
      expect(there).toBe(source);
      expect(here).toBe(mode === "exchange" ? target : undefined);
      await workspace.sync();
    } else expect([here, there]).toEqual([source, target]);
  });

  test("of what was exchanged both sides show the same", async () => {
    const [one, two] = await someDevices(server, 2);
    await one.workspace.createFolder("/d");
    await one.workspace.writeFile("/d/a", "a");
    await one.workspace.writeFile("/b", "b");
    await one.workspace.sync();
    await one.workspace.move("/d/a", "/b", { mode: "exchange" });
    await one.workspace.sync();
    await two.workspace.sync();
    for (const { workspace } of [one, two]) {
      expect([await readText(workspace, "/d/a"), await readText(workspace, "/b")]).toEqual(["b", "a"]);
    }
  });

  test("within a folder that is known by its id", async () => {
    const workspace = await fixture();
    const ones = await idOf(workspace, "/ones");
    await workspace.renameById(ones, "in", "out");
    expect(await names(workspace, "/ones")).toEqual(["out"]);
    expect(await codeOf(workspace.renameById(ones, "in", "x"))).toBe("ENTRY_NOT_FOUND");
    expect(await codeOf(workspace.renameById(await idOf(workspace, "/one"), "in", "x"))).toBe("ENTRY_IS_FILE");
    expect(await codeOf(workspace.renameById(workspace.id, "one", "two"))).toBe("ENTRY_EXISTS");
    await workspace.renameById(workspace.id, "one", "two", { mode: "exchange" });
    expect(await readText(workspace, "/one")).toBe("two");
    expect(await codeOf(workspace.renameById(ones, "out", "a/b"))).not.toBe("no error");
  });

  test("in a mode that there is not, or in two, is refused", async () => {
    const workspace = await fixture();
    for (const options of [{ mode: "swap" }, { mode: "replace", replace: false }]) {
      expect(await codeOf(Reflect.apply(workspace.move, workspace, ["/one", "/x", options]))).toBe("INVALID_ARGUMENT");
    }
  });
});

describe("a copy", () => {
  test("has everything, without a request when all is here, and uploads no block again", async () => {
    const devices = await LooseDevices.load(server);
    const storage = memoryDriver();
    const { workspace, transport, close } = await countedDevice(devices, 0, { storage });
    const other = await countedDevice(devices, 1);
    await workspace.createFolder("/d/e", { recursive: true });
    await workspace.writeFile("/d/synced", pattern(3 * blocksize + 5, 1));
    await workspace.writeFile("/d/e/small", "small");
    await workspace.sync();
    await workspace.writeFile("/d/fresh", pattern(blocksize + 7, 2));
    const handle = await workspace.open("/d/e/small", { write: true });
    await handle.writeAtEnd(new TextEncoder().encode(" and more"));
    transport.forget();
    transport.hooks = {
      before: () => {
        throw new OfflineError("no network");
      },
    };
    const steps: { done: number; total?: number | undefined }[] = [];
    const id = await workspace.copy("/d", "/copy", { onProgress: (step) => steps.push(step) });
    expect(steps.at(-1)).toEqual({ done: 5, total: 5 });
    expect(id).toBe(await idOf(workspace, "/copy"));
    expect(transport.sent.size).toBe(0);
    await handle.close();
    // The copy is its own: what happens to the other one is nothing to it.
    await workspace.remove("/d", { recursive: true });
    expectSame(await readAll(workspace, "/copy/synced"), pattern(3 * blocksize + 5, 1));
    expectSame(await readAll(workspace, "/copy/fresh"), pattern(blocksize + 7, 2));
    transport.hooks = {};
    transport.forget();
    await workspace.sync();
    // The two blocks of `fresh`, and `small`, which was changed; none of `synced`.
    expect(transport.sent.get("block_create")).toBe(3);
    expect(transport.sent.get("block_read")).toBeUndefined();
    await other.workspace.sync();
    expectSame(await readAll(other.workspace, "/copy/synced"), pattern(3 * blocksize + 5, 1));
    expectSame(await readAll(other.workspace, "/copy/fresh"), pattern(blocksize + 7, 2));
    expect(await readText(other.workspace, "/copy/e/small")).toBe("small and more");
    await close();
    expect(await chunksOnDevice(storage, devices.device(0).deviceId, workspace.id)).toEqual([]);
  });

  test("is refused as a whole, and leaves nothing", async () => {
    const [{ workspace }] = await someDevices(server, 1);
    await workspace.createFolder("/d");
    await workspace.writeFile("/d/f", pattern(blocksize, 1));
    const before = await workspace.pendingUploads();
    expect(await codeOf(workspace.copy("/d", "/d/f"))).toBe("MOVE_INTO_ITSELF");
    expect(await codeOf(workspace.copy("/d", "/d"))).toBe("MOVE_INTO_ITSELF");
    expect(await codeOf(workspace.copy("/", "/x"))).toBe("MOVE_INTO_ITSELF");
    expect(await codeOf(workspace.copy("/d", "/"))).toBe("CANNOT_CHANGE_ROOT");
    expect(await codeOf(workspace.copy("/d/f", "/d/f"))).toBe("MOVE_INTO_ITSELF");
    expect(await codeOf(workspace.copy("/none", "/x"))).toBe("ENTRY_NOT_FOUND");
    expect(await codeOf(workspace.copy("/d/f", "/none/x"))).toBe("PARENT_NOT_FOUND");
    await workspace.createFile("/taken");
    expect(await codeOf(workspace.copy("/d/f", "/taken"))).toBe("ENTRY_EXISTS");
    const stop = new AbortController();
    const copying = workspace.copy("/d", "/x", { signal: stop.signal, onProgress: () => stop.abort(new Error("no")) });
    await expect(copying).rejects.toThrow("no");
    await workspace.remove("/taken");
    expect(await workspace.pendingUploads()).toEqual(before);
    expect(await workspace.purge()).toBe(0);
  });
});

describe("find", () => {
  async function found(workspace: Workspace, query: string, options?: { in?: string }): Promise<FoundEntry[]> {
    const entries: FoundEntry[] = [];
    for await (const entry of workspace.find(query, options)) entries.push(entry);
    return entries;
  }

  test("looks through the names, by text and by glob, below a folder, without the network", async () => {
    const [{ workspace, transport }] = await someDevices(server, 1);
    await workspace.createFolder("/Reports/old reports", { recursive: true });
    for (const path of ["/report.txt", "/Reports/a.txt", "/Reports/old reports/a.md", "/Été.txt"]) {
      await workspace.createFile(path);
    }
    transport.forget();
    const paths = async (...query: Parameters<typeof found> extends [unknown, ...infer Rest] ? Rest : never) =>
      (await found(workspace, ...query)).map(({ path }) => path);
    expect(await paths("REPORT")).toEqual(["/Reports", "/report.txt", "/Reports/old reports"]);
    expect(await paths("été")).toEqual(["/Été.txt"]);
    expect(await paths("*.txt", { in: "/Reports" })).toEqual(["/Reports/a.txt"]);
    expect(await paths("a.*")).toEqual(["/Reports/a.txt", "/Reports/old reports/a.md"]);
    expect(await paths("report")).toContain("/report.txt");
    expect(await paths("none")).toEqual([]);
    expect((await found(workspace, "old reports"))[0]).toMatchObject({ kind: "folder", name: "old reports" });
    expect(transport.sent.size).toBe(0);
    expect(await codeOf(paths("x", { in: "/report.txt" }))).toBe("ENTRY_IS_FILE");
    expect(await codeOf(paths("x", { in: "/none" }))).toBe("ENTRY_NOT_FOUND");
    expect(await codeOf(paths("["))).toBe("BAD_GLOB");
  });

  test("tells the names of what this device has never seen", async () => {
    const [one, two] = await someDevices(server, 2);
    await two.workspace.sync();
    await one.workspace.createFolder("/d");
    await one.workspace.writeFile("/d/f", "x");
    await one.workspace.sync();
    await two.workspace.sync();
    two.transport.forget();
    expect((await found(two.workspace, "d")).find(({ path }) => path === "/d")).toMatchObject({ kind: "unknown" });
    expect(two.transport.sent.size).toBe(0);
    await names(two.workspace, "/");
    expect((await found(two.workspace, "d")).find(({ path }) => path === "/d")).toMatchObject({ kind: "folder" });
  });
});

test("a folder that is listed brings all that is missing in one request", async () => {
  const [one, two] = await someDevices(server, 2);
  await one.workspace.createFolder("/d");
  for (let i = 0; i < 20; i += 1) await one.workspace.createFile(`/d/${i}`);
  await one.workspace.sync();
  await two.workspace.sync();
  await two.workspace.stat("/d");
  two.transport.forget();
  expect(await names(two.workspace, "/d")).toHaveLength(20);
  expect([...two.transport.sent]).toEqual([["vlob_read_batch", 1]]);
});

test("what was changed, and removed before it was uploaded, does not come back", async () => {
  const [{ workspace }] = await someDevices(server, 1);
  await workspace.writeFile("/f", "uploaded");
  await workspace.sync();
  await workspace.writeFile("/f", "not uploaded");
  await workspace.remove("/f");
  await workspace.sync();
  expect(await names(workspace)).toEqual([]);
});
