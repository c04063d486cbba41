import { FsPath, type LocalFileManifest, VlobId } from "@parsec/types";
import { describe, expect, test } from "vitest";
import type { WorkspaceContext } from "../../src/workspace/context.ts";
import { InvalidManifestError } from "../../src/workspace/errors.ts";
import { isForgotten } from "../../src/workspace/manifests.ts";
import { discardLocalWork } from "../../src/workspace/tree/discard.ts";
import { move } from "../../src/workspace/tree/move.ts";
import { whereabouts } from "../../src/workspace/tree/path-of.ts";
import { remove } from "../../src/workspace/tree/remove.ts";
import { resolve } from "../../src/workspace/tree/resolve.ts";
import { deviceId, file, folder, later, MemoryTree, realmId, root } from "./support/memory-tree.ts";

const [a, x] = [VlobId.generate(), VlobId.generate()];
const path = (text: string) => FsPath.parse(text);
const dirty = { needSync: true };

function contextOf(tree: MemoryTree) {
  const session = { workspaceInfo: () => ({ role: "OWNER", archiving: { type: "AVAILABLE" } }) as const };
  return { ...tree.context, tree: tree.lock, session };
}

describe("a move of an entry onto itself", () => {
  test.each([false, true])("changes nothing, replace: %s", async (replace) => {
    const local = file(x, realmId, dirty);
    const tree = new MemoryTree(root({ x }), local);
    await move(contextOf(tree), path("/x"), path("/x"), { replace });
    expect(tree.names()).toEqual({ x });
    expect(tree.local.get(x)).toBe(local);
    expect(tree.stored).toEqual([]);
  });
});

test("a folder whose only child cannot be read is not empty", async () => {
  const tree = new MemoryTree(root({ a }), folder(a, realmId, { x }));
  const version = { vlobId: x, version: 1, author: deviceId, timestamp: later(0) };
  const damage = new InvalidManifestError("CANNOT_DECRYPT", version);
  tree.fetching = async (ids) => new Map(ids.map((id) => [id, damage]));
  await expect(remove(contextOf(tree), path("/a"))).rejects.toMatchObject({ code: "FOLDER_NOT_EMPTY" });
  await remove(contextOf(tree), path("/a"), { recursive: true });
  expect(tree.names()).toEqual({});
});

describe("of folders that confine, in each other, the outermost one tells where an entry stays", () => {
  const tree = () => new MemoryTree(root({ "a.tmp": a }), folder(a, realmId, { "x.tmp": x }), file(x, a));

  test("on the way down", async () => {
    const { local } = tree();
    const source = { find: async (id: VlobId) => local.get(id) };
    expect(await resolve({ realmId }, source, path("/a.tmp/x.tmp"))).toMatchObject({ confinedBy: realmId });
  });

  test("on the way up", async () => {
    const { local } = tree();
    const context = { realmId, manifests: { find: async (id: VlobId) => local.get(id) } };
    const where = await whereabouts(context as unknown as WorkspaceContext, x);
    expect(where).toMatchObject({ kind: "reachable", path: "/a.tmp/x.tmp", confinedBy: realmId });
  });
});

describe("a new entry that is removed", () => {
  const fresh: LocalFileManifest = file(x, realmId, { version: 0, needSync: true });

  async function discarded(tree: MemoryTree) {
    await tree.lock.change((draft) => discardLocalWork(tree.context, draft, x));
    return tree.local.get(x);
  }

  test("is gone when nobody else can know of it", async () => {
    expect(await discarded(new MemoryTree(root({ x }, { was: {} }), fresh))).toBeUndefined();
  });

  test("leaves its id when it was sent: others may have it by now", async () => {
    const tree = new MemoryTree(root({ x }, { was: {} }), fresh);
    tree.sent.remember({ ...fresh.base, version: 1 }, fresh);
    expect(await discarded(tree)).toSatisfy(isForgotten);
  });

  test("leaves its id when the server's folder lists it", async () => {
    expect(await discarded(new MemoryTree(root({ x }), fresh))).toSatisfy(isForgotten);
  });
});
