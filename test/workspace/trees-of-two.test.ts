import { hasCode } from "@parsec/base";
import type { Workspace } from "@parsec/client";
import { type RunningServer, startServer } from "@parsec/server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { settled, treeOf } from "../support/tree-of.ts";
import { type Actor, actors, readText, workspaceOf } from "../support/two-devices.ts";

// Two devices of Alice change one tree, neither knowing what the other does. In the end both show the same, and nothing is
// gone that nobody removed. The cases that have a name; any order of any changes is in the tests of the client.

let server: RunningServer;
let devices: readonly Actor[];
let here: Workspace;
let there: Workspace;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());
beforeEach(async () => {
  devices = await actors(server, [
    ["Alice", 0],
    ["Alice", 1],
  ]);
  const [laptop, desktop] = devices as [Actor, Actor];
  here = await workspaceOf(laptop);
  there = await workspaceOf(desktop);
});
afterEach(() => Promise.all(devices.map((device) => device.close())));

/** What both show in the end. */
async function agreed(): Promise<Record<string, string>> {
  const [one, two] = await settled(here, there);
  expect(two).toEqual(one);
  for (const workspace of [here, there]) expect(await workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  return one ?? {};
}

async function onBoth(prepare: (workspace: Workspace) => Promise<unknown>): Promise<void> {
  await prepare(here);
  await here.sync();
  await there.sync();
  await treeOf(there);
}

const words = (tree: Record<string, string>) => Object.values(tree).filter((word) => word !== "");

describe("folders moved into each other", () => {
  test("two at once on one client: one of the moves is refused", async () => {
    await here.writeFile("/keep", "");
    for (const name of ["a", "b"]) {
      await here.createFolder(`/${name}`);
      await here.writeFile(`/${name}/file`, `of ${name}`);
    }
    const moves = await Promise.allSettled([here.move("/a", "/b/a"), here.move("/b", "/a/b")]);
    expect(moves.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(words(await treeOf(here)).sort()).toEqual(["of a", "of b"]);
    expect(words(await agreed()).sort()).toEqual(["of a", "of b"]);
  });

  test("two, by two clients: both are seen by both", async () => {
    await onBoth(async (workspace) => {
      for (const name of ["a", "b"]) {
        await workspace.createFolder(`/${name}`);
        await workspace.writeFile(`/${name}/file`, `of ${name}`);
      }
    });
    await here.move("/a", "/b/a");
    await there.move("/b", "/a/b");
    const tree = await agreed();
    expect(words(tree).sort()).toEqual(["of a", "of b"]);
    // One is in the other, whoever won.
    expect(Object.keys(tree)).toHaveLength(4);
  });

  test("three in a ring at once on one client: one of the moves is refused", async () => {
    for (const name of ["a", "b", "c"]) {
      await here.createFolder(`/${name}`);
      await here.writeFile(`/${name}/file`, name);
    }
    const moves = [here.move("/a", "/b/a"), here.move("/b", "/c/b"), here.move("/c", "/a/c")];
    const settledMoves = await Promise.allSettled(moves);
    expect(settledMoves.some(({ status }) => status === "rejected")).toBe(true);
    expect(words(await treeOf(here)).sort()).toEqual(["a", "b", "c"]);
    expect(words(await agreed()).sort()).toEqual(["a", "b", "c"]);
  });

  test("three in a ring, by two clients: all are seen by both", async () => {
    await onBoth(async (workspace) => {
      for (const name of ["a", "b", "c"]) {
        await workspace.createFolder(`/${name}`);
        await workspace.writeFile(`/${name}/file`, name);
      }
    });
    await here.move("/a", "/b/a");
    await there.move("/b", "/c/b");
    await there.move("/c", "/tmp");
    await here.move("/c", "/b/a/c");
    await there.move("/tmp", "/a/c");
    const tree = await agreed();
    expect(words(tree).sort()).toEqual(["a", "b", "c"]);
  });
});

describe("removals", () => {
  test("remove, not recursive, against writeFile into it, at once: one of both is refused", async () => {
    for (let round = 0; round < 8; round += 1) {
      await here.createFolder("/d");
      const race = [() => here.remove("/d"), () => here.writeFile("/d/f", "new")];
      if (round % 2 === 1) race.reverse();
      const outcomes = await Promise.allSettled(race.map((start) => start()));
      const refused = outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }) => reason);
      expect(refused).toHaveLength(1);
      expect(hasCode(refused[0], "FOLDER_NOT_EMPTY", "PARENT_NOT_FOUND")).toBe(true);
      const tree = await treeOf(here);
      expect(tree).toEqual(hasCode(refused[0], "FOLDER_NOT_EMPTY") ? { "/d/": "", "/d/f": "new" } : {});
      if ("/d/" in tree) await here.remove("/d", { recursive: true });
    }
  });

  test("of what the other edits while it is offline: the edited content is seen by both", async () => {
    await onBoth((workspace) => workspace.writeFile("/x", "old"));
    await there.remove("/x");
    await here.writeFile("/x", "edited");
    expect(await agreed()).toEqual({ "/x": "edited" });
  });

  test("of what the other has edited and sent, before it is known: the edited content is seen by both", async () => {
    await onBoth((workspace) => workspace.writeFile("/x", "old"));
    await here.writeFile("/x", "edited");
    await here.sync();
    await there.remove("/x");
    expect(await agreed()).toEqual({ "/x": "edited" });
  });

  test("of a folder in which the other creates a file: the folder is back for it", async () => {
    await onBoth(async (workspace) => {
      await workspace.createFolder("/d/deep", { recursive: true });
      await workspace.writeFile("/d/old", "old");
    });
    await there.remove("/d", { recursive: true });
    await here.writeFile("/d/deep/new", "new");
    expect(await agreed()).toMatchObject({ "/d/deep/new": "new" });
  });

  test("of what nobody else has changed: it is gone for both", async () => {
    await onBoth(async (workspace) => {
      await workspace.createFolder("/d");
      await workspace.writeFile("/d/old", "old");
      await workspace.writeFile("/x", "x");
    });
    await there.remove("/d", { recursive: true });
    await here.writeFile("/x", "other");
    expect(await agreed()).toEqual({ "/x": "other" });
  });

  test("beside an addition of the other: both are done", async () => {
    await onBoth(async (workspace) => {
      await workspace.createFolder("/d");
      await workspace.writeFile("/d/one", "1");
    });
    await here.remove("/d/one");
    await there.writeFile("/d/two", "2");
    expect(await agreed()).toEqual({ "/d/": "", "/d/two": "2" });
  });

  test("of the target of a move, while the moved folder is renamed", async () => {
    await onBoth(async (workspace) => {
      await workspace.createFolder("/q");
      await workspace.createFolder("/d");
      await workspace.writeFile("/d/file", "kept");
    });
    await here.remove("/q");
    await here.move("/d", "/renamed");
    await there.move("/d", "/q/d");
    expect(words(await agreed())).toEqual(["kept"]);
  });

  test("of a folder, the other way round: who moved into it is the first to synchronize", async () => {
    await onBoth(async (workspace) => {
      await workspace.createFolder("/q");
      await workspace.createFolder("/d");
      await workspace.writeFile("/d/file", "kept");
    });
    await there.move("/d", "/q/d");
    await there.sync();
    await here.remove("/q");
    await here.move("/d", "/renamed");
    expect(words(await agreed())).toEqual(["kept"]);
  });

  test("name what they expect", async () => {
    await here.createFolder("/folder");
    await here.writeFile("/file", "1");
    await expect(here.remove("/folder", { expect: "file" })).rejects.toMatchObject({ code: "ENTRY_IS_FOLDER" });
    await expect(here.remove("/file", { expect: "folder" })).rejects.toMatchObject({ code: "ENTRY_IS_FILE" });
    expect(await treeOf(here)).toEqual({ "/file": "1", "/folder/": "" });
    await here.remove("/folder", { expect: "folder" });
    await here.remove("/file", { expect: "file" });
    expect(await treeOf(here)).toEqual({});
  });

  test("of what was written and never sent leave nothing to upload, and free the space", async () => {
    await here.sync();
    await here.createFolder("/d");
    await here.writeFile("/d/big", new Uint8Array(2_000_000));
    await here.remove("/d", { recursive: true });
    expect(await here.pendingUploads()).toMatchObject({ bytes: 0 });
    await here.sync();
    expect(await here.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
    expect(await here.purge()).toBe(0);
    expect(await agreed()).toEqual({});
  });
});

describe("moves and edits", () => {
  test("an edit there, an edit and a move here: both contents, and the move stands", async () => {
    await onBoth(async (workspace) => {
      await workspace.createFolder("/f");
      await workspace.writeFile("/x", "old");
    });
    await there.writeFile("/x", "of there");
    await there.sync();
    await here.writeFile("/x", "of here");
    await here.move("/x", "/f/x");
    const tree = await agreed();
    expect(tree["/f/x"]).toBe("of there");
    expect(tree["/f/x (Parsec sync conflict 2)"]).toBe("of here");
  });

  test("a new version of there does not undo a move of here", async () => {
    await onBoth(async (workspace) => {
      await workspace.createFolder("/f");
      await workspace.writeFile("/x", "old");
    });
    await there.writeFile("/x", "new");
    await there.sync();
    await here.move("/x", "/f/y");
    expect(await agreed()).toEqual({ "/f/": "", "/f/y": "new" });
  });

  test("a name that is bound to an entry not known yet is not free", async () => {
    await onBoth(async (workspace) => {
      await workspace.createFolder("/f");
      await workspace.writeFile("/x", "moved");
    });
    await here.move("/x", "/f/y");
    await here.sync();
    await there.writeFile("/f/y", "created");
    const tree = await agreed();
    expect(words(tree).sort()).toEqual(["created", "moved"]);
  });

  test("moved to two places at once, then moved again: no bug, and one place", async () => {
    await onBoth(async (workspace) => {
      await workspace.createFolder("/f");
      await workspace.writeFile("/x", "x");
    });
    await here.move("/x", "/f/x");
    await there.move("/x", "/y");
    await settled(here, there);
    expect(await readText(here, "/f/x")).toBe("x");
    await here.move("/f/x", "/z");
    expect(await agreed()).toEqual({ "/f/": "", "/z": "x" });
  });

  test("the same bytes saved by both, ten times: no conflict copy", async () => {
    await onBoth((workspace) => workspace.writeFile("/same", "round"));
    for (let round = 0; round < 10; round += 1) {
      const content = new Uint8Array(700_000).fill(round);
      await here.writeFile("/same", content);
      await there.writeFile("/same", content);
      await here.sync();
      await there.sync();
      await here.sync();
    }
    expect(Object.keys(await agreed())).toEqual(["/same"]);
  });

  test("both create the folder and fill it: nothing of both is gone", async () => {
    await here.createFolder("/new");
    await here.writeFile("/new/one", "1");
    await there.createFolder("/new");
    await there.writeFile("/new/two", "2");
    expect(words(await agreed()).sort()).toEqual(["1", "2"]);
  });
});
