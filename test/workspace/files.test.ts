import { hasCode } from "@parsec/base";
import type { Workspace } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Actor, actors, names, pattern, readAll, readText, workspaceOf } from "../support/two-devices.ts";

// One workspace on a real server, seen by two devices of Alice.

const blocksize = 512 * 1024;

let server: RunningServer;
let laptop: Actor;
let desktop: Actor;
let here: Workspace;
let there: Workspace;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());
beforeEach(async () => {
  [laptop, desktop] = (await actors(server, [
    ["Alice", 0],
    ["Alice", 1],
  ])) as [Actor, Actor];
  here = await workspaceOf(laptop);
  there = await workspaceOf(desktop);
});
afterEach(() => Promise.all([laptop.close(), desktop.close()]));

describe("files and folders", () => {
  test("what one device writes and synchronizes, the other reads", async () => {
    const large = pattern(2 * blocksize + 1000);
    await here.createFolder("/a/b", { recursive: true });
    await here.writeFile("/a/b/large.bin", large);
    await here.writeFile("/a/empty", "");
    await here.sync();
    expect(await here.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
    await there.sync();
    expect(await names(there, "/a")).toEqual(["b", "empty"]);
    expect(Buffer.compare(await readAll(there, "/a/b/large.bin"), large)).toBe(0);
    expect(await readAll(there, "/a/empty")).toHaveLength(0);
    expect(await there.stat("/a/b/large.bin")).toMatchObject({ kind: "file", size: large.length, needSync: false });
  });

  test("a read gives the range asked for", async () => {
    const content = pattern(blocksize + 100);
    await here.writeFile("/f", content);
    for (const [offset, size] of [
      [0, 10],
      [blocksize - 5, 10],
      [blocksize + 90, 100],
      [blocksize + 200, 10],
    ] as const) {
      const parts: Uint8Array[] = [];
      for await (const part of await here.readFile("/f", { offset, size })) parts.push(part);
      expect(Buffer.compare(Buffer.concat(parts), content.subarray(offset, offset + size))).toBe(0);
    }
  });

  test("a rename and a move arrive at the other device, whose own entries stay", async () => {
    await here.createFolder("/from");
    await here.createFolder("/to");
    await here.writeFile("/from/x", "x");
    await here.sync();
    await there.sync();
    await there.writeFile("/from/y", "y");
    await here.move("/from/x", "/to/z");
    await here.sync();
    await there.sync();
    await here.sync();
    for (const side of [here, there]) {
      expect(await names(side, "/from")).toEqual(["y"]);
      expect(await names(side, "/to")).toEqual(["z"]);
      expect(await readText(side, "/to/z")).toBe("x");
    }
  });

  test("both write the same file: the later one to synchronize gets a copy beside it, and both have both", async () => {
    await here.writeFile("/note.txt", "first");
    await here.sync();
    await there.sync();
    await here.writeFile("/note.txt", "of the laptop");
    await there.writeFile("/note.txt", "of the desktop");
    await here.sync();
    await there.sync();
    await here.sync();
    for (const side of [here, there]) {
      expect(await readText(side, "/note.txt")).toBe("of the laptop");
      expect(await readText(side, "/note (Parsec sync conflict 2).txt")).toBe("of the desktop");
    }
  });

  test("both create the same name: both entries stay", async () => {
    await here.writeFile("/same", "laptop");
    await there.writeFile("/same", "desktop");
    await here.sync();
    await there.sync();
    await here.sync();
    for (const side of [here, there]) {
      expect(await readText(side, "/same")).toBe("laptop");
      expect(await readText(side, "/same (Parsec - name conflict)")).toBe("desktop");
    }
  });

  test("a removed entry goes from both, a name that matches the prevent-sync pattern from neither to the other", async () => {
    await here.writeFile("/gone", "1");
    await here.writeFile("/draft.tmp", "only here");
    await here.sync();
    await there.sync();
    expect(await names(there)).not.toContain("draft.tmp");
    expect(await here.stat("/draft.tmp")).toMatchObject({ confinedBy: here.id, needSync: true });
    await there.remove("/gone");
    await there.sync();
    await here.sync();
    expect(await names(here)).not.toContain("gone");
    expect(await readText(here, "/draft.tmp")).toBe("only here");
  });
});

describe("refusals", () => {
  test.each([
    ["a parent that is missing", (w: Workspace) => w.writeFile("/no/file", "x"), "PARENT_NOT_FOUND"],
    ["a parent that is a file", (w: Workspace) => w.writeFile("/file/x", "x"), "PARENT_IS_FILE"],
    ["a file in place of a folder", (w: Workspace) => w.writeFile("/folder", "x"), "ENTRY_IS_FOLDER"],
    ["the content of a folder", (w: Workspace) => w.readFile("/folder"), "ENTRY_IS_FOLDER"],
    ["the entries of a file", (w: Workspace) => names(w, "/file"), "ENTRY_IS_FILE"],
    ["an entry that is missing", (w: Workspace) => w.stat("/missing"), "ENTRY_NOT_FOUND"],
    ["a folder that exists", (w: Workspace) => w.createFolder("/folder"), "ENTRY_EXISTS"],
    ["a folder that holds entries", (w: Workspace) => w.remove("/folder"), "FOLDER_NOT_EMPTY"],
    ["a move onto another entry", (w: Workspace) => w.move("/file", "/folder"), "ENTRY_EXISTS"],
    ["a move into itself", (w: Workspace) => w.move("/folder", "/folder/inside/x"), "MOVE_INTO_ITSELF"],
    ["the root", (w: Workspace) => w.remove("/"), "CANNOT_CHANGE_ROOT"],
    ["a relative path", (w: Workspace) => w.stat("file"), "NOT_ABSOLUTE"],
  ])("%s", async (_, operation, code) => {
    await here.createFolder("/folder/inside", { recursive: true });
    await here.writeFile("/file", "x");
    await expect(operation(here)).rejects.toSatisfy((error) => hasCode(error, code));
  });

  test("a reader writes nothing", async () => {
    const [bob] = (await actors(server, [["Bob", 0]])) as [Actor];
    try {
      const workspace = await workspaceOf(bob);
      expect(workspace.role).toBe("READER");
      await expect(workspace.writeFile("/x", "x")).rejects.toMatchObject({ code: "READ_ONLY" });
      await expect(workspace.createFolder("/x")).rejects.toMatchObject({ code: "READ_ONLY" });
      await workspace.sync();
    } finally {
      await bob.close();
    }
  });

  test("a closed workspace does nothing more", async () => {
    await laptop.session.close();
    await expect(here.stat("/")).rejects.toMatchObject({ code: "SESSION_CLOSED" });
  });
});

describe("writeFile is all or nothing", () => {
  async function* failingAfter(pieces: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let i = 0; i < pieces; i += 1) yield pattern(blocksize, i);
    throw new Error("the source broke");
  }

  test.each([0, 1, 9, 17])(
    "a source that fails after %i blocks leaves the old content, and no junk",
    async (pieces) => {
      await here.writeFile("/f", "old");
      const before = await here.pendingUploads();
      await expect(here.writeFile("/f", failingAfter(pieces))).rejects.toThrow("the source broke");
      expect(await readText(here, "/f")).toBe("old");
      expect(await here.pendingUploads()).toEqual(before);
      await expect(here.writeFile("/new", failingAfter(pieces))).rejects.toThrow("the source broke");
      expect(await names(here)).not.toContain("new");
      expect(await here.pendingUploads()).toEqual(before);
    },
  );

  test("an abort rejects with the reason, tells the source, and leaves the old content", async () => {
    await here.writeFile("/f", "old");
    const stop = new AbortController();
    const reason = new Error("enough");
    let isCancelled = false;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(pattern(blocksize)),
      cancel: () => {
        isCancelled = true;
      },
    });
    const writing = here.writeFile("/f", endless, {
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done >= 16 * blocksize) stop.abort(reason);
      },
    });
    await expect(writing).rejects.toBe(reason);
    expect(isCancelled).toBe(true);
    expect(await readText(here, "/f")).toBe("old");
  });

  test("the same content again stores nothing; one changed block stores that block", async () => {
    const content = pattern(4 * blocksize);
    expect(await here.writeFile("/f", content)).toMatchObject({ outcome: "created", size: content.length });
    await here.sync();
    expect(await here.writeFile("/f", content)).toMatchObject({ outcome: "unchanged" });
    expect(await here.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
    const changed = content.slice();
    changed[2 * blocksize] = (changed[2 * blocksize] ?? 0) ^ 1;
    expect(await here.writeFile("/f", changed)).toMatchObject({ outcome: "replaced" });
    expect(await here.pendingUploads()).toEqual({ entries: 1, bytes: blocksize });
    await here.sync();
    await there.sync();
    expect(Buffer.compare(await readAll(there, "/f"), changed)).toBe(0);
  });

  test("two writers of one new file: the last one wins, nothing is lost in between", async () => {
    await Promise.all([here.writeFile("/f", "one"), here.writeFile("/f", "two"), here.writeFile("/f", "three")]);
    expect(["one", "two", "three"]).toContain(await readText(here, "/f"));
    await here.sync();
    expect(await here.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  });
});
