import { ready } from "@parsec/crypto";
import { type EntryName, type FileManifest, type FolderManifest, VlobId } from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import type { LocalManifest } from "../../../src/workspace/manifests.ts";
import { lostBefore } from "../../../src/workspace/sync/lost-before.ts";
import { TakeIn } from "../../../src/workspace/sync/take-in.ts";
import { file, folder, later, MemoryTree, name, otherDevice, realmId, root } from "../support/memory-tree.ts";

const [a, b, c, d, x, y] = Array.from({ length: 6 }, () => VlobId.generate()) as [
  VlobId,
  VlobId,
  VlobId,
  VlobId,
  VlobId,
  VlobId,
];
const foreign = { author: otherDevice };

beforeAll(() => ready());

/** What takes versions into this tree; counts the entries that it looks up. */
function takingInto(tree: MemoryTree) {
  const looked = { count: 0 };
  const get = async (id: VlobId) => {
    looked.count += 1;
    return tree.local.get(id);
  };
  const folders = async () =>
    new Map([...tree.local].flatMap(([id, entry]) => (entry.type === "local_folder_manifest" ? [[id, entry]] : [])));
  async function* all(): AsyncGenerator<LocalManifest, void, undefined> {
    yield* [...tree.local.values()];
  }
  const manifests = {
    getReadable: get,
    find: get,
    dirtyIds: async () => [...tree.local.values()].filter(({ needSync }) => needSync).map(({ base }) => base.id),
    formerNames: async () => new Map<VlobId, EntryName>(),
    folders,
    all,
  };
  const context = {
    ...tree.context,
    tree: tree.lock,
    manifests,
    lostAndFoundName: name("lost+found"),
    canWrite: () => true,
  };
  return { context, looked, takeIn: new TakeIn(context) };
}

function nextFolder(tree: MemoryTree, id: VlobId, children: Readonly<Record<string, VlobId>>): FolderManifest {
  const { base } = tree.folder(id);
  const bound = new Map(Object.entries(children).map(([text, child]) => [name(text), child]));
  return { ...base, ...foreign, version: base.version + 1, timestamp: later(60), children: bound };
}

function nextFile(tree: MemoryTree, id: VlobId): FileManifest {
  const entry = tree.local.get(id);
  if (entry?.type !== "local_file_manifest") throw new Error("not a file");
  return { ...entry.base, ...foreign, version: entry.base.version + 1, timestamp: later(61), size: 7 };
}

describe("what an earlier process may have left without a place", () => {
  const ids = async (tree: MemoryTree) => {
    const { context } = takingInto(tree);
    return (await lostBefore(context)).map(({ id, must }) => [id, must]);
  };

  test("what a folder lists that the entry does not name, and what is in a circle", async () => {
    const tree = new MemoryTree(root({ x }), file(x, b), folder(a, b, { b }), folder(b, a, { a, y }), file(y, b));
    expect(await ids(tree)).toEqual(
      expect.arrayContaining([
        [x, false],
        [a, false],
        [b, false],
      ]),
    );
    expect(await ids(tree)).toHaveLength(3);
  });

  test("what others wrote in a folder after its removal, and not what was removed with it", async () => {
    const tree = new MemoryTree(
      root({}),
      folder(a, realmId, { b }),
      folder(b, a, { x, y }),
      file(x, b, { ...foreign, timestamp: later(5) }),
      file(y, b, { ...foreign, timestamp: later(-5) }),
    );
    expect(await ids(tree)).toEqual([[x, true]]);
  });

  test("nothing where everything is in its place, or removed", async () => {
    const tree = new MemoryTree(root({ a }), folder(a, realmId, { x }), file(x, a), file(y, a), folder(b, realmId, {}));
    expect(await ids(tree)).toEqual([]);
  });

  test("is given its place by the next process", async () => {
    // The folder that `c` was moved out of by a merge, the process ended before it adopted the entry.
    const tree = new MemoryTree(root({ c }), folder(c, d, { x }, { from: d }), file(x, c));
    const { takeIn } = takingInto(tree);
    expect(takeIn.isUnsettled).toBe(true);
    await takeIn.settle();
    expect(tree.local.get(c)?.parent).toBe(realmId);
    expect(takeIn.isUnsettled).toBe(false);
  });

  test("is not looked for when the server has nothing new since the last one", async () => {
    const tree = new MemoryTree(root({ c }), folder(c, d, {}, { from: d }));
    const { takeIn } = takingInto(tree);
    expect(await takeIn.checkpoint.from(async () => 7)).toBe(7);
    takeIn.checkpoint.reached(7);
    await takeIn.settle();
    expect(tree.local.get(c)?.parent).toBe(d);
    expect(takeIn.checkpoint.unstored).toBeUndefined();
    takeIn.checkpoint.reached(9);
    expect(takeIn.checkpoint.unstored).toBe(9);
    expect(await takeIn.checkpoint.from(async () => 7)).toBe(9);
  });
});

test("what comes back has the name that it had here, whoever took it away", async () => {
  const tree = new MemoryTree(root({ d }), folder(d, realmId, { "report.txt": x }), file(x, d));
  const { takeIn } = takingInto(tree);
  await takeIn.merge(nextFolder(tree, d, {}));
  await takeIn.settle();
  expect(tree.names(d)).toEqual({});
  await takeIn.merge(nextFile(tree, x));
  await takeIn.settle();
  expect(tree.names(d)).toEqual({ "report.txt": x });
});

test("a merge costs the same, however many entries wait for an upload", async () => {
  const cost = async (waiting: number): Promise<number> => {
    const many = Array.from({ length: waiting }, () => VlobId.generate());
    const children = Object.fromEntries(many.map((id, index) => [`f${index}`, id]));
    const tree = new MemoryTree(
      root({ a, d }),
      folder(a, realmId, children),
      folder(d, realmId, { x, y }),
      file(x, d),
      file(y, d),
    );
    for (const id of many) tree.local.set(id, file(id, a, { needSync: true }));
    const { takeIn, looked } = takingInto(tree);
    await takeIn.settle();
    looked.count = 0;
    await takeIn.merge(nextFolder(tree, d, { x }));
    await takeIn.settle();
    return looked.count;
  };
  expect(await cost(2_000)).toBe(await cost(10));
});
