import type { DamagedVersion, EntryVersion, RemovedEntry, Workspace, WorkspaceHistory } from "@parsec/client";
import { OfflineError } from "@parsec/connection";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, expectSame } from "../support/assertions.ts";
import { someDevices } from "../support/some-devices.ts";
import { pattern, readAll, readText } from "../support/two-devices.ts";

// Workspaces as they were, and what comes back of it.

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

const blocksize = 512 * 1024;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function whole(versions: readonly (EntryVersion | DamagedVersion)[]): EntryVersion[] {
  return versions.flatMap((version) => (version.kind === "damaged" ? [] : [version]));
}

async function textAt(history: WorkspaceHistory, path: string): Promise<string> {
  const chunks = await all(await history.readFile(path));
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** The date of the latest version of the root: everything that was synchronized is in the history then. */
async function rootDate(workspace: Workspace) {
  const [latest] = whole(await all(workspace.versions("/")));
  if (latest === undefined) throw new Error("the root has no version");
  return latest.date;
}

describe("a history", () => {
  test("shows what there was at each moment, within its bounds", async () => {
    const [{ workspace }] = await someDevices(server, 1);
    await workspace.createFolder("/d");
    await workspace.writeFile("/d/f", "first");
    await workspace.sync();
    const first = await rootDate(workspace);
    await workspace.writeFile("/d/f", "second");
    await workspace.move("/d", "/e");
    await workspace.writeFile("/g", "new");
    await workspace.sync();
    const second = await rootDate(workspace);

    await using history = await workspace.history();
    const { lower, higher } = history.bounds;
    expect(history.id).toBe(workspace.id);
    expect(history.time).toBe(lower);
    expect(await history.stat("/")).toMatchObject({ kind: "folder", version: 1, id: workspace.id });
    expect(await codeOf(history.stat("/d"))).toBe("ENTRY_NOT_FOUND");
    for (const [time, code] of [
      [lower - 1, "OLDER_THAN_LOWER_BOUND"],
      [higher + 1, "NEWER_THAN_HIGHER_BOUND"],
      [Number.NaN, "INVALID_ARGUMENT"],
      ["now", "INVALID_ARGUMENT"],
    ]) {
      expect(await codeOf(Reflect.apply(history.setTime, history, [time]))).toBe(code);
    }
    expect(history.time).toBe(lower);
    await history.setTime(lower);
    await history.setTime(higher);
    await history.setTime(new Date(Math.ceil(first / 1000)));

    await history.setTime(first);
    expect((await all(history.list("/"))).map(({ name }) => name)).toEqual(["d"]);
    expect(await textAt(history, "/d/f")).toBe("first");
    const file = await history.open("/d/f");
    const { id } = await history.stat("/d/f");
    expect(await history.statById(id)).toEqual(await history.stat("/d/f"));

    await history.setTime(second);
    expect(await codeOf(history.stat("/d/f"))).toBe("ENTRY_NOT_FOUND");
    expect(await textAt(history, "/e/f")).toBe("second");
    expect((await all(history.listById((await history.stat("/e")).id))).map(({ name, size }) => [name, size])).toEqual([
      ["f", 6],
    ]);
    expect(await codeOf(history.open("/e"))).toBe("ENTRY_IS_FOLDER");
    expect(await codeOf(history.list("/g").next())).toBe("ENTRY_IS_FILE");
    // A file that was opened stays the version that it was.
    expect(new TextDecoder().decode(await file.read(0, 100))).toBe("first");
    await file.close();
    await history.close();
    expect(await codeOf(history.stat("/"))).toBe("HISTORY_CLOSED");
  });

  test("needs an upload, the server, and an open workspace", async () => {
    const [{ workspace, session, transport }] = await someDevices(server, 1);
    const fresh = await session.workspaces.create("Fresh");
    expect(await codeOf(fresh.history())).toBe("NO_HISTORY");
    await workspace.createFolder("/d");
    await workspace.sync();
    const history = await workspace.history();
    transport.hooks = {
      before: () => {
        throw new OfflineError("no network");
      },
    };
    expect(await codeOf(workspace.history())).toBe("OFFLINE");
    await history.stat("/");
    await expect(history.setTime(history.bounds.higher)).rejects.toMatchObject({ code: "OFFLINE" });
    await workspace.close();
    expect(await codeOf(history.stat("/"))).toBe("WORKSPACE_CLOSED");
  });

  test("asks of each entry once what it has said before", async () => {
    const [{ workspace, transport }] = await someDevices(server, 1);
    await workspace.createFolder("/d/e", { recursive: true });
    for (let i = 0; i < 10; i += 1) await workspace.createFile(`/d/${i}`);
    await workspace.sync();
    const history = await workspace.history();
    await history.setTime(history.bounds.higher);
    transport.forget();
    await all(history.list("/"));
    await all(history.list("/d"));
    // One request for all the children of a folder.
    expect([...transport.sent]).toEqual([["vlob_read_batch", 2]]);
    transport.forget();
    await all(history.list("/"));
    await history.stat("/d/e");
    expect(transport.sent.size).toBe(0);
  });
});

describe("versions", () => {
  test("of a file, a folder, and what was removed, the latest first", async () => {
    const [one, two] = await someDevices(server, 2);
    await one.workspace.createFolder("/d");
    await one.workspace.writeFile("/d/f", "first");
    await one.workspace.sync();
    await two.workspace.sync();
    await two.workspace.writeFile("/d/f", "the second");
    await two.workspace.sync();
    await one.workspace.sync();
    const found = whole(await all(one.workspace.versions("/d/f")));
    expect(found.map(({ version, size, kind }) => [version, size, kind])).toEqual([
      [2, 10, "file"],
      [1, 5, "file"],
    ]);
    expect(found.map(({ author }) => author)).toEqual([
      { deviceId: two.session.deviceId, userId: two.session.userId },
      { deviceId: one.session.deviceId, userId: one.session.userId },
    ]);
    const [second, first] = found;
    expect((second?.date ?? 0) > (first?.date ?? 0)).toBe(true);
    expect(whole(await all(one.workspace.versions("/d"))).every(({ kind }) => kind === "folder")).toBe(true);

    await one.workspace.remove("/d", { recursive: true });
    await one.workspace.sync();
    expect(whole(await all(one.workspace.versions("/d/f")))).toEqual(found);
    expect(await codeOf(all(one.workspace.versions("/d/none")))).toBe("ENTRY_NOT_FOUND");
  });
});

describe("what was removed", () => {
  test("is listed, and comes back with its content, of which nothing is sent or fetched again", async () => {
    const [one, two] = await someDevices(server, 2);
    const { workspace, transport } = one;
    await workspace.createFolder("/d/e", { recursive: true });
    await workspace.writeFile("/d/big", pattern(2 * blocksize + 3, 1));
    await workspace.writeFile("/d/e/small", "small");
    await workspace.writeFile("/moved", "moved");
    await workspace.sync();
    await two.workspace.sync();
    await two.workspace.remove("/d", { recursive: true });
    await two.workspace.move("/moved", "/still here");
    await two.workspace.sync();
    await workspace.sync();
    const list: RemovedEntry[] = await all(workspace.removed("/"));
    expect(list).toHaveLength(1);
    const [entry] = list;
    if (entry === undefined) throw new Error("nothing was removed");
    expect(entry).toMatchObject({ name: "d", path: "/d", kind: "folder" });
    expect(entry.removedBy).toEqual({ deviceId: two.session.deviceId, userId: two.session.userId });
    transport.forget();
    const steps: unknown[] = [];
    const report = await workspace.restore(entry.path, entry.lastSeen, { onProgress: (step) => steps.push(step) });
    expect(report).toEqual({ restored: 2, unchanged: 0 });
    expect(steps.at(-1)).toEqual({ done: 4, total: 4 });
    expectSame(await readAll(workspace, "/d/big"), pattern(2 * blocksize + 3, 1));
    await workspace.sync();
    expect(transport.sent.get("block_create")).toBeUndefined();
    await two.workspace.sync();
    expectSame(await readAll(two.workspace, "/d/big"), pattern(2 * blocksize + 3, 1));
    expect(await readText(two.workspace, "/d/e/small")).toBe("small");
    expect(await codeOf(all(workspace.removed("/still here")))).toBe("ENTRY_IS_FILE");
  });

  test("a file has its old content again, and what came since stays", async () => {
    const [{ workspace, transport }] = await someDevices(server, 1);
    await workspace.createFolder("/d");
    await workspace.writeFile("/d/f", pattern(blocksize + 1, 1));
    await workspace.writeFile("/d/same", "same");
    await workspace.sync();
    const before = await rootDate(workspace);
    await workspace.writeFile("/d/f", pattern(3 * blocksize, 2));
    await workspace.writeFile("/d/later", "later");
    await workspace.sync();
    const { id } = await workspace.stat("/d/f");
    transport.forget();
    expect(await workspace.restore("/d", before)).toEqual({ restored: 1, unchanged: 1 });
    expect((await workspace.stat("/d/f")).id).toBe(id);
    expectSame(await readAll(workspace, "/d/f"), pattern(blocksize + 1, 1));
    expect(await readText(workspace, "/d/later")).toBe("later");
    await workspace.sync();
    expect(transport.sent.get("block_create")).toBeUndefined();
    expect(await workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
    const [latest] = whole(await all(workspace.versions("/d/f")));
    expect(latest).toMatchObject({ version: 3, size: blocksize + 1 });
  });

  test("the date of a version is that version, whenever its folder came to list it", async () => {
    const [{ workspace }] = await someDevices(server, 1);
    await workspace.createFolder("/d");
    for (const content of ["first", "second", "third"]) {
      await workspace.writeFile("/d/f", content);
      await workspace.sync();
    }
    const [, , first] = whole(await all(workspace.versions("/d/f")));
    if (first === undefined) throw new Error("no such version");
    expect(await workspace.restore("/d/f", first.date)).toEqual({ restored: 1, unchanged: 0 });
    expect(await readText(workspace, "/d/f")).toBe("first");
    await workspace.remove("/d/f");
    await workspace.sync();
    expect(await workspace.restore("/d/f", first.date)).toEqual({ restored: 1, unchanged: 0 });
    expect(await readText(workspace, "/d/f")).toBe("first");
  });

  test("restoring is refused where something else is in the way, and out of the bounds", async () => {
    const [{ workspace }] = await someDevices(server, 1);
    await workspace.writeFile("/f", "file");
    await workspace.createFolder("/d");
    await workspace.sync();
    const before = await rootDate(workspace);
    await workspace.remove("/f");
    await workspace.remove("/d");
    await workspace.createFolder("/f");
    await workspace.createFile("/d");
    await workspace.sync();
    expect(await codeOf(workspace.restore("/f", before))).toBe("ENTRY_IS_FOLDER");
    expect(await codeOf(workspace.restore("/d", before))).toBe("ENTRY_EXISTS");
    expect(await codeOf(workspace.restore("/none", before))).toBe("ENTRY_NOT_FOUND");
    expect(await codeOf(workspace.restore("/f", new Date(0)))).toBe("OLDER_THAN_LOWER_BOUND");
    expect(await codeOf(workspace.restore("/f", new Date(Date.now() + 1e9)))).toBe("NEWER_THAN_HIGHER_BOUND");
  });
});
