import { VlobId } from "@parsec/types";
import { describe, expect, test } from "vitest";
import { ChunkPins } from "../../src/workspace/content/chunk-pins.ts";
import { type LocalManifest, Manifests, type ManifestsContext } from "../../src/workspace/manifests.ts";
import { checkWritable } from "../../src/workspace/tree/change-folder.ts";
import type { TreeChanges } from "../../src/workspace/tree/draft.ts";
import { file, folder, MemoryTree, realmId, root } from "./support/memory-tree.ts";

const [a, x] = [VlobId.generate(), VlobId.generate()];

/** The manifests of a workspace over what is stored of it. */
function manifestsOver(...stored: readonly LocalManifest[]) {
  const rows = new Map(stored.map((manifest) => [manifest.base.id, manifest]));
  const reads: VlobId[] = [];
  const store = {
    // Each read makes an object of its own, as out of a database.
    getManifest: async (id: VlobId) => {
      reads.push(id);
      await new Promise((resolve) => setImmediate(resolve));
      const row = rows.get(id);
      return row === undefined ? undefined : { ...row };
    },
    listManifests: async () => ({ items: [...rows.values()], next: undefined }),
    applyChanges: async () => undefined,
  };
  const nobody = { stored: () => undefined };
  const ports = { pins: new ChunkPins(async () => undefined), openFiles: nobody, kept: nobody };
  const context = { realmId, store, ...ports } as unknown as ManifestsContext;
  const noTree = () => {
    throw new Error("nothing is fetched");
  };
  return { manifests: new Manifests(context, noTree), reads };
}

const nothing: TreeChanges = {
  manifests: [],
  deletedManifests: [],
  discarded: [],
  newChunks: [],
  removedChunks: [],
};

test("an entry that several ask for at once is one object, read once", async () => {
  const { manifests, reads } = manifestsOver(file(x, realmId));
  const [one, two, three] = await Promise.all([1, 2, 3].map(() => manifests.getLocal(x)));
  expect(one).toBeDefined();
  expect([two, three, manifests.peek(x)]).toEqual([one, one, one]);
  expect([two === one, three === one, manifests.peek(x) === one, reads]).toEqual([true, true, true, [x]]);
});

test("the folders of this device are those of now, once they were read", async () => {
  const { manifests } = manifestsOver(root({ a }), folder(a, realmId), file(x, realmId));
  expect(new Set((await manifests.folders()).keys())).toEqual(new Set([realmId, a]));
  const other = folder(VlobId.generate(), realmId);
  await manifests.store({ ...nothing, manifests: [other], deletedManifests: [a] });
  expect(new Set((await manifests.folders()).keys())).toEqual(new Set([realmId, other.base.id]));
  expect(manifests.peek(a)).toBeUndefined();
});

describe("who may change a workspace", () => {
  test.each([
    ["OWNER", "AVAILABLE", true],
    ["MANAGER", "AVAILABLE", true],
    ["CONTRIBUTOR", "AVAILABLE", true],
    ["READER", "AVAILABLE", false],
    ["OWNER", "ARCHIVED", false],
    ["OWNER", "DELETION_PLANNED", false],
  ] as const)("%s, of one that is %s: %s", (role, type, may) => {
    const { context, lock: tree } = new MemoryTree(root());
    const archiving = { type } as ReturnType<
      Parameters<typeof checkWritable>[0]["session"]["workspaceInfo"]
    >["archiving"];
    const check = () => checkWritable({ ...context, tree, session: { workspaceInfo: () => ({ role, archiving }) } });
    if (may) check();
    else expect(check).toThrow(expect.objectContaining({ code: "READ_ONLY" }));
    expect.assertions(may ? 0 : 1);
  });
});
