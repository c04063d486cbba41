import { HashDigest, ready } from "@parsec/crypto";
import {
  BlockId,
  blockIdOfChunk,
  type FileManifest,
  type FolderManifest,
  type LocalFileManifest,
  type LocalFolderManifest,
  newChunkView,
  newLocalFolderManifest,
  PreventSyncPattern,
  promoteAsBlock,
  VlobId,
} from "@parsec/types";
import { beforeAll, describe, expect, test } from "vitest";
import type { LocalManifest } from "../../src/workspace/manifests.ts";
import { mergeFolder } from "../../src/workspace/merge/folder.ts";
import { acknowledge } from "../../src/workspace/sync/acknowledge.ts";
import { mergeRemote } from "../../src/workspace/sync/merge-remote.ts";
import { TakeIn, type TakeInContext } from "../../src/workspace/sync/take-in.ts";
import {
  type Bindings,
  deviceId,
  file,
  folder,
  later,
  MemoryTree,
  name,
  otherDevice,
  realmId,
  root,
} from "./support/memory-tree.ts";

beforeAll(() => ready());

const [a, x] = [VlobId.generate(), VlobId.generate()];
const bytes = new Uint8Array(10);

/** The next version of a folder, by another device. */
function folderVersion({ base }: LocalFolderManifest, children: Bindings, seconds = 10): FolderManifest {
  const bound = new Map(Object.entries(children).map(([text, id]) => [name(text), id]));
  const [timestamp, updated] = [later(seconds), later(seconds)];
  return { ...base, version: base.version + 1, author: otherDevice, timestamp, updated, children: bound };
}

/** The same of a file, with these changes. */
function fileVersion({ base }: LocalFileManifest, changes: Partial<FileManifest> = {}): FileManifest {
  return {
    ...base,
    version: base.version + 1,
    author: otherDevice,
    timestamp: later(10),
    updated: later(10),
    ...changes,
  };
}

/** A file with local changes: ten bytes in a chunk. */
function written(id: VlobId, parent: VlobId, of = bytes): LocalFileManifest {
  const view = promoteAsBlock(newChunkView(0, of.length), HashDigest.of(of));
  return { ...file(id, parent, { needSync: true }), size: of.length, blocks: [[view]] };
}

function merge(tree: MemoryTree, remote: FileManifest | FolderManifest) {
  return tree.lock.change(async (draft) => {
    const local = await draft.getLocal(remote.id);
    if (local === undefined) throw new Error("it is here");
    return mergeRemote(tree.context, draft, local, remote);
  });
}

describe("an entry that the other side took out of its folder", () => {
  test.each([
    [10, [] as const],
    [11, ["x"] as const],
  ])("stays when it was uploaded from here after that: %i seconds, for a removal at 10", async (seconds, left) => {
    const tree = new MemoryTree(root({ x }), file(x, realmId, { timestamp: later(seconds) }));
    await merge(tree, folderVersion(tree.folder(realmId), {}));
    expect(Object.keys(tree.names())).toEqual(left);
  });

  test("does not stay for what is confined in it, which moves up", async () => {
    const tree = new MemoryTree(root({ a }), folder(a, realmId, { "x.tmp": x }), file(x, a, { needSync: true }));
    await merge(tree, folderVersion(tree.folder(realmId), {}));
    expect(tree.names()).toEqual({ "x.tmp": x });
  });

  test("is not removed when it names another folder by now", async () => {
    const tree = new MemoryTree(root({ a, x }), folder(a, realmId, { x }), file(x, a, { needSync: true }));
    await merge(tree, folderVersion(tree.folder(realmId), { a }));
    expect(tree.names()).toEqual({ a });
    expect(tree.local.get(x)).toMatchObject({ needSync: true, parent: a });
  });

  test("is kept, if told so, in a folder that has no changes of its own", () => {
    const local = root({ x });
    const merged = mergeFolder(
      { device: deviceId, time: later(20), pattern: PreventSyncPattern.fromGlobs([]), kept: new Set([x]) },
      local,
      folderVersion(local, {}),
    );
    expect(merged).toMatchObject({ outcome: "merged", manifest: { needSync: true, children: new Map([["x", x]]) } });
  });
});

test("the chunks of content that the server has in other blocks are freed", async () => {
  const local = written(x, realmId);
  const [view] = local.blocks[0] ?? [];
  if (view?.access == null) throw new Error("it is a block");
  const tree = new MemoryTree(root({ x }), local);
  const blocks = [{ ...view.access, id: BlockId.generate() }];
  await merge(tree, fileVersion(local, { size: bytes.length, blocks }));
  expect(tree.local.get(x)).toMatchObject({ needSync: false, size: bytes.length });
  expect(tree.stored.at(-1)?.removedChunks).toEqual([view.id]);
  expect(blockIdOfChunk(view.id)).not.toBe(blocks[0]?.id);
});

test("a version that is acknowledged after its changes were dropped is what the entry is", async () => {
  const sent = written(x, realmId);
  const clean = file(x, realmId);
  const tree = new MemoryTree(root({ x }), clean);
  const [view] = sent.blocks[0] ?? [];
  if (view?.access == null) throw new Error("it is a block");
  const remote = fileVersion(clean, { author: deviceId, size: bytes.length, blocks: [view.access] });
  tree.sent.remember(remote, sent);
  expect(await tree.lock.change((draft) => acknowledge(tree.context, draft, sent, remote))).toBe("done");
  expect(tree.sent.has(x)).toBe(false);
  expect(tree.local.get(x)).toMatchObject({ base: remote, needSync: false, size: bytes.length, blocks: [[view]] });
});

test("a version that has come in already changes nothing when it is acknowledged", async () => {
  const sent = written(x, realmId);
  const current = { ...sent, base: { ...sent.base, version: 2 }, updated: later(30) };
  const tree = new MemoryTree(root({ x }), current);
  const remote = fileVersion(sent, { author: deviceId });
  expect(await tree.lock.change((draft) => acknowledge(tree.context, draft, sent, remote))).toBe("done");
  expect(tree.local.get(x)).toBe(current);
});

describe("what was taken in", () => {
  /** `during` runs while it settles. */
  function takingIn(tree: MemoryTree, during: () => Promise<unknown> = async () => undefined): TakeIn {
    let isDone = false;
    const local = async (id: VlobId) => tree.local.get(id);
    const folders = [...tree.local.values()].filter((entry) => entry.type === "local_folder_manifest");
    const context: TakeInContext = {
      ...tree.context,
      tree: tree.lock,
      manifests: {
        getReadable: local,
        find: local,
        dirtyIds: async () => {
          if (!isDone) {
            isDone = true;
            await during();
          }
          return [...tree.local.values()].filter(({ needSync }) => needSync).map(({ base }) => base.id);
        },
        folders: async () => new Map(folders.map((entry) => [entry.base.id, entry])),
        formerNames: async () => new Map(),
        all: async function* () {
          yield* [...tree.local.values()];
        },
      },
      lostAndFoundName: name("lost+found"),
      canWrite: () => true,
    };
    return new TakeIn(context);
  }

  test("of a hidden entry while it settles is for the next time", async () => {
    const local = file(x, realmId);
    const takeIn = takingIn(new MemoryTree(root(), local), () => takeIn.merge(fileVersion(local, { version: 3 })));
    await takeIn.merge(fileVersion(local));
    expect(takeIn.hasHidden).toBe(true);
    await takeIn.settle();
    expect(takeIn.hasHidden).toBe(true);
    await takeIn.settle();
    expect([takeIn.hasHidden, takeIn.isUnsettled]).toEqual([false, false]);
  });

  test("and has to show since then is looked at the next time, too", async () => {
    const local = file(x, realmId);
    // A folder that lists it, and that no path leads to.
    const tree = new MemoryTree(root({ x }), folder(a, realmId, { x }), local);
    const takeIn = takingIn(tree, () => takeIn.merge(fileVersion(local, { version: 3, parent: a })));
    await takeIn.merge(fileVersion(local));
    await takeIn.settle();
    expect(takeIn.isUnsettled).toBe(true);
    await takeIn.settle();
    expect(takeIn.isUnsettled).toBe(false);
  });

  test("of an entry that was forgotten here is shown, empty as it is", async () => {
    const forgotten: LocalManifest = { ...newLocalFolderManifest(deviceId, realmId, later(0), a), needSync: false };
    const tree = new MemoryTree(root(), forgotten);
    const takeIn = takingIn(tree);
    const { base } = folder(a, realmId);
    await takeIn.merge({ ...base, version: 1, author: otherDevice, timestamp: later(10) });
    await takeIn.settle();
    expect(Object.values(tree.names())).toEqual([a]);
  });
});
