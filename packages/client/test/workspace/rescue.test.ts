import { VlobId } from "@parsec/types";
import { describe, expect, test } from "vitest";
import type { LocalManifest } from "../../src/workspace/manifests.ts";
import { type Listings, type Place, placeOf, rescue, type Suspect } from "../../src/workspace/merge/rescue.ts";
import { file, folder, later, MemoryTree, name, otherDevice, realmId, root } from "./support/memory-tree.ts";

const sorted = Array.from({ length: 6 }, () => VlobId.generate()).sort();
const [a, b, c, d, e, x] = sorted as [VlobId, VlobId, VlobId, VlobId, VlobId, VlobId];

function placeIn(tree: MemoryTree, id: VlobId): Promise<Place> {
  return placeOf({ getLocal: async (wanted) => tree.local.get(wanted) }, realmId, id);
}

/** What the folders of a tree say, as a scan of the storage would find it. */
function listingsOf(tree: MemoryTree): Listings {
  const folders = [...tree.local.values()].filter((entry) => entry.type === "local_folder_manifest");
  return {
    foldersOf: (id) =>
      folders
        .filter(({ children }) => [...children.values()].includes(id))
        .map(({ base }) => base.id)
        .sort(),
    nameOf: (id) => {
      const all = folders.flatMap(({ base, children }) => [...base.children, ...children]);
      return all.findLast(([, child]) => child === id)?.[0];
    },
  };
}

function run(tree: MemoryTree, ...suspects: readonly Suspect[]): Promise<readonly VlobId[]> {
  const listings = listingsOf(tree);
  return tree.lock.change((draft) => rescue(tree.context, draft, suspects, listings, name("lost+found")));
}

const must = (id: VlobId): Suspect => ({ id, must: true });
const may = (id: VlobId): Suspect => ({ id, must: false });
const foreign = { author: otherDevice };
const dirty = { needSync: true };

describe("where an entry is", () => {
  test("reached, confined, lost", async () => {
    const tree = new MemoryTree(
      root({ a, "b.tmp": b, e }),
      folder(a, realmId, { c }),
      folder(c, a, { x }),
      file(x, c),
      folder(b, realmId, { d }),
      folder(d, b),
      file(e, a),
    );
    expect(await placeIn(tree, realmId)).toEqual({ kind: "reachable" });
    expect(await placeIn(tree, x)).toEqual({ kind: "reachable" });
    expect(await placeIn(tree, d)).toEqual({ kind: "confined", lostWith: undefined });
    expect(await placeIn(tree, e)).toEqual({ kind: "lost", tops: [e], isCircle: false });
    expect(await placeIn(tree, VlobId.generate())).toEqual({ kind: "lost", tops: [], isCircle: false });
  });

  test("below what is lost, or confined in it", async () => {
    const tree = new MemoryTree(
      root(),
      folder(a, realmId, { b, "c.tmp": c }),
      folder(b, a, { x }),
      file(x, b),
      file(c, a),
    );
    expect(await placeIn(tree, x)).toEqual({ kind: "lost", tops: [a], isCircle: false });
    expect(await placeIn(tree, c)).toEqual({ kind: "confined", lostWith: a });
  });

  test("in a folder that is missing, forgotten, or a file", async () => {
    const forgotten = folder(b, realmId, { d }, { version: 0 });
    const tree = new MemoryTree(
      root({ b, c }),
      file(a, VlobId.generate()),
      forgotten,
      file(d, b),
      file(c, realmId),
      file(e, c),
    );
    for (const id of [a, d, e]) expect(await placeIn(tree, id)).toEqual({ kind: "lost", tops: [id], isCircle: false });
  });

  test("in a circle: all of its members, and not what only leads to it", async () => {
    const tree = new MemoryTree(root(), folder(c, b, { a }), folder(b, a, { c }), folder(a, c, { b, x }), file(x, a));
    expect(await placeIn(tree, x)).toEqual({ kind: "lost", tops: [a, b, c], isCircle: true });
    expect(await placeIn(tree, b)).toEqual({ kind: "lost", tops: [a, b, c], isCircle: true });
  });
});

describe("a lost entry", () => {
  test("that a visible folder lists belongs there", async () => {
    const tree = new MemoryTree(root({ a, b, x }), folder(a, realmId), folder(b, realmId, { x }), file(x, a, dirty));
    tree.now = later(9);
    expect(await run(tree, must(x))).toEqual([x]);
    // The root and b list it: the smaller id decides, the same for all.
    const [parent] = [realmId, b].sort();
    expect(tree.local.get(x)).toMatchObject({ parent, needSync: true, updated: later(9) });
    expect(tree.stored[0]?.manifests).toHaveLength(1);
  });

  test("is adopted by no folder that is lost itself, or that lists it no more", async () => {
    const tree = new MemoryTree(root({ a }), folder(a, realmId), folder(b, d, { x }), file(x, a, dirty));
    await run(tree, must(x));
    expect(tree.local.get(x)).toMatchObject({ parent: a });
    expect(tree.names(a)).toEqual({ x });
    const stale = new MemoryTree(root({ a, c }), folder(a, realmId), folder(c, realmId), file(x, a, dirty));
    const listings: Listings = { foldersOf: () => [c], nameOf: () => name("known") };
    await stale.lock.change((draft) => rescue(stale.context, draft, [must(x)], listings, name("lost+found")));
    expect(stale.names(a)).toEqual({ known: x });
  });

  test("goes back to the folder that it names, under its last name", async () => {
    const tree = new MemoryTree(root({ a }), folder(a, realmId, {}, { was: { "report.txt": x } }), file(x, a, dirty));
    await run(tree, must(x));
    expect(tree.names(a)).toEqual({ "report.txt": x });
    expect(tree.folder(a).needSync).toBe(true);
    expect(tree.stored[0]?.manifests.map(({ base }) => base.id)).toEqual([a]);
  });

  test("gets a name beside when its own is taken", async () => {
    const tree = new MemoryTree(
      root({ a }),
      folder(a, realmId, { x: b }, { was: { x } }),
      file(b, a),
      file(x, a, dirty),
    );
    await run(tree, must(x));
    expect(tree.names(a)).toEqual({ x: b, "x (Parsec - name conflict)": x });
  });

  test("goes back to where it came from when its folder leads nowhere", async () => {
    const tree = new MemoryTree(
      root({ b }),
      folder(b, realmId, {}, { was: { old: x } }),
      file(x, c, { ...dirty, from: b }),
    );
    await run(tree, must(x));
    expect(tree.local.get(x)).toMatchObject({ parent: b });
    expect(tree.names(b)).toEqual({ old: x });
  });

  test("takes all that is below it along", async () => {
    const tree = new MemoryTree(
      root({}, { was: { "the folder": a } }),
      folder(a, realmId, { b }),
      folder(b, a, { x }),
      file(x, b, dirty),
    );
    expect(await run(tree, must(x))).toEqual([a]);
    expect(tree.names()).toEqual({ "the folder": a });
    expect(await placeIn(tree, x)).toEqual({ kind: "reachable" });
  });

  test("without any place goes to a folder of its own, that is made once", async () => {
    const tree = new MemoryTree(root(), file(c, a, dirty), file(x, a, dirty), folder(d, b, { known: x }));
    expect(await run(tree, must(x), must(c))).toEqual([c, x]);
    const { "lost+found": place } = tree.names() as Record<string, VlobId | undefined>;
    if (place === undefined) throw new Error("no folder");
    expect(Object.keys(tree.names())).toEqual(["lost+found"]);
    expect(tree.names(place)).toEqual({ [`recovered ${c.slice(0, 8)}`]: c, known: x });
    expect(tree.folder(place)).toMatchObject({ parent: realmId, needSync: true, base: { version: 0 } });
    for (const id of [c, x]) expect(tree.local.get(id)).toMatchObject({ parent: place, needSync: true });
    tree.local.set(e, file(e, a, dirty));
    await run(tree, must(e));
    expect(Object.keys(tree.names(place))).toHaveLength(3);
  });

  test("finds a folder of its own also when that name is taken", async () => {
    const tree = new MemoryTree(root({ "lost+found": b }), file(b, realmId), file(x, a, dirty));
    await run(tree, must(x));
    expect(Object.keys(tree.names())).toEqual(["lost+found", "lost+found (Parsec - name conflict)"]);
    // Not a folder that only bears the name: its parent is another one.
    const stale = new MemoryTree(root({ "lost+found": b }), folder(b, c), file(x, a, dirty));
    await run(stale, must(x));
    expect(stale.folder(b).children.size).toBe(0);
    expect(stale.names()).toMatchObject({ "lost+found": b });
  });

  test("that waits for an upload has to show, whoever asks", async () => {
    const tree = new MemoryTree(root({ a }), folder(a, realmId), file(x, a, dirty));
    expect(await run(tree, may(x))).toEqual([x]);
  });

  test("that was forgotten, or is not lost, is left alone", async () => {
    const tree = new MemoryTree(
      root({ a, d }),
      folder(a, realmId),
      file(x, a, { version: 0 }),
      file(d, realmId, dirty),
    );
    expect(await run(tree, must(x), must(d), must(c))).toEqual([]);
    expect(tree.stored).toEqual([]);
  });
});

describe("a circle of folders", () => {
  const circle: readonly LocalManifest[] = [folder(a, b, { b }), folder(b, a, { a })];

  test("is opened where a visible folder lists one of it", async () => {
    const tree = new MemoryTree(root({ b }), ...circle);
    expect(await run(tree, may(a))).toEqual([b]);
    expect(tree.local.get(b)).toMatchObject({ parent: realmId });
    expect(await placeIn(tree, a)).toEqual({ kind: "reachable" });
  });

  test("is opened at its smallest id when several could be", async () => {
    const tree = new MemoryTree(root({ a, b }), ...circle);
    expect(await run(tree, may(b), may(a))).toEqual([a]);
  });

  test("goes where one of it came from when nobody lists it", async () => {
    const tree = new MemoryTree(
      root({ c }),
      folder(c, realmId, {}, { was: { second: b } }),
      folder(a, b, { b }, { from: d }),
      folder(b, a, { a }, { from: c }),
    );
    expect(await run(tree, may(a))).toEqual([b]);
    expect(tree.names(c)).toEqual({ second: b });
  });

  test("of others is left to them", async () => {
    const tree = new MemoryTree(root({ b }), folder(a, b, { b }, foreign), folder(b, a, { a }, foreign));
    expect(await run(tree, may(a), may(b))).toEqual([]);
  });
});

describe("an entry that nobody has to show", () => {
  test("and that this device wrote last: adopted when listed, else removed by somebody", async () => {
    const listed = new MemoryTree(root({ a, b }), folder(a, realmId), folder(b, realmId, { x }, foreign), file(x, a));
    expect(await run(listed, may(x))).toEqual([x]);
    expect(listed.local.get(x)).toMatchObject({ parent: b, needSync: true });
    const removed = new MemoryTree(root({ a }), folder(a, realmId), file(x, a));
    expect(await run(removed, may(x))).toEqual([]);
    expect(removed.stored).toEqual([]);
  });

  test("and that another wrote last may be on its way", async () => {
    const tree = new MemoryTree(root({ a, x }), folder(a, realmId), file(x, a, { ...foreign, timestamp: later(5) }));
    expect(await run(tree, may(x))).toEqual([]);
  });

  test("and that its folder has disowned since is adopted by a folder of this device", async () => {
    const disowning = folder(a, realmId, {}, { timestamp: later(9) });
    const moved = file(x, a, { ...foreign, timestamp: later(5) });
    const mine = new MemoryTree(root({ a, b }), disowning, folder(b, realmId, { x }), moved);
    expect(await run(mine, may(x))).toEqual([x]);
    const changedHere = new MemoryTree(
      root({ a, b }),
      disowning,
      folder(b, realmId, { x }, { ...foreign, ...dirty }),
      moved,
    );
    expect(await run(changedHere, may(x))).toEqual([x]);
    const theirs = new MemoryTree(root({ a, b }), disowning, folder(b, realmId, { x }, foreign), moved);
    expect(await run(theirs, may(x))).toEqual([]);
  });

  test("and that was taken out here, which is not sent yet, is disowned, too", async () => {
    const removing = folder(a, realmId, {}, { ...dirty, was: { x } });
    const tree = new MemoryTree(
      root({ a, b }),
      removing,
      folder(b, realmId, { x }),
      file(x, a, { ...foreign, timestamp: later(5) }),
    );
    expect(await run(tree, may(x))).toEqual([x]);
    expect(tree.local.get(x)).toMatchObject({ parent: b });
  });

  test("and whose folder is not a folder waits for it", async () => {
    const tree = new MemoryTree(
      root({ a, b }),
      file(a, realmId, { timestamp: later(9) }),
      folder(b, realmId, { x }),
      file(x, a, foreign),
    );
    expect(await run(tree, may(x))).toEqual([]);
  });
});

describe("what is confined in a folder that was lost", () => {
  const parts = (timestamp = later(0)): readonly LocalManifest[] => [
    folder(a, d, { "draft.tmp": x, "deep.tmp": b, exact: c }, { ...foreign, timestamp }),
    file(x, a, { ...dirty, version: 0 }),
    folder(b, a, {}, { ...dirty, version: 0 }),
    file(c, a, { ...dirty, version: 0 }),
  ];

  test("waits while the folder may be on its way", async () => {
    const tree = new MemoryTree(root(), ...parts());
    tree.now = later(599);
    expect(await run(tree, must(x))).toEqual([]);
    expect(tree.stored).toEqual([]);
  });

  test("goes up, and stays confined", async () => {
    const tree = new MemoryTree(root(), ...parts());
    tree.now = later(600);
    await run(tree, must(x));
    expect(tree.names()).toEqual({ "draft.tmp": x, "deep.tmp": b, exact: c });
    expect(tree.folder(realmId)).toMatchObject({ needSync: false, localConfinementPoints: new Set([x, b, c]) });
    for (const id of [x, b, c]) expect(tree.local.get(id)).toMatchObject({ parent: realmId, needSync: true });
  });

  test("gets a name beside, if that is confined, too", async () => {
    const tree = new MemoryTree(root({ "draft.tmp": e, exact: d }), file(e, realmId), file(d, realmId), ...parts());
    tree.now = later(600);
    await run(tree, must(x));
    expect(tree.names()).toEqual({ "draft.tmp": e, "draft (Parsec - name conflict).tmp": x, "deep.tmp": b, exact: d });
    expect(tree.folder(realmId).needSync).toBe(false);
    expect(tree.local.get(c)).toMatchObject({ parent: a });
  });
});
