import { hasCode } from "@parsec/base";
import { StorageError } from "@parsec/storage";
import { ChunkId, VlobId } from "@parsec/types";
import { describe, expect, test } from "vitest";
import { comes } from "../../../../test/support/patience.ts";
import { file, folder, later, MemoryTree, name, realmId, root, start } from "./support/memory-tree.ts";

const [a, b, c] = [VlobId.generate(), VlobId.generate(), VlobId.generate()];
const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("changes that come at once", () => {
  test("are stored together, each folder once, and told once", async () => {
    const tree = new MemoryTree(root());
    const ids = Array.from({ length: 50 }, () => VlobId.generate());
    const changes = ids.map((id, i) =>
      tree.lock.change(async (draft) => {
        draft.put(folder(id, realmId, {}, { needSync: true }));
        await draft.bind(realmId, name(`${i}`), id);
        return i;
      }),
    );
    expect(await Promise.all(changes)).toEqual(ids.map((_, i) => i));
    expect(tree.stored).toHaveLength(1);
    expect(tree.stored[0]?.manifests).toHaveLength(51);
    expect(tree.announced).toHaveLength(1);
    expect(tree.folder(realmId).children.size).toBe(50);
    expect(tree.folder(realmId)).toMatchObject({ needSync: true, updated: start });
  });

  test("see what the ones before them made", async () => {
    const tree = new MemoryTree(root());
    const first = tree.lock.change(async (draft) => {
      draft.put(folder(a, realmId));
      await draft.bind(realmId, name("a"), a);
    });
    const second = tree.lock.change(async (draft) => (await draft.getLocal(a))?.base.id);
    const third = tree.lock.change(async (draft) => draft.delete(a));
    const fourth = tree.lock.change(async (draft) => draft.getLocal(a));
    expect(await Promise.all([first, second, third, fourth])).toEqual([undefined, a, undefined, undefined]);
    expect(tree.stored[0]).toMatchObject({ deletedManifests: [a] });
    expect(tree.stored[0]?.manifests.map(({ base }) => base.id)).toEqual([realmId]);
  });

  test("one that is refused is undone, and hinders no other", async () => {
    const known = root({ old: a, other: b, "kept.tmp": c });
    const tree = new MemoryTree(known, folder(a, realmId), folder(b, realmId), folder(c, realmId));
    const [before, chunk] = [VlobId.generate(), ChunkId.generate()];
    const error = new Error("refused");
    const outcomes = await Promise.allSettled([
      tree.lock.change(async (draft) => {
        draft.put(file(before, realmId));
        await draft.bind(realmId, name("before"), before);
      }),
      tree.lock.change(async (draft) => {
        await draft.bind(realmId, name("before"), a);
        await draft.unbind(realmId, name("other"));
        await draft.bind(realmId, name("plain"), c);
        draft.put({ ...folder(b, realmId), needSync: true });
        draft.delete(before);
        draft.delete(c);
        draft.addChunk({ id: chunk, data: new Uint8Array(1) });
        draft.removeChunks([chunk]);
        throw error;
      }),
      tree.lock.change(async (draft) => draft.getLocal(before)),
    ]);
    expect(outcomes).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason: error },
      { status: "fulfilled", value: { base: { id: before } } },
    ]);
    expect(tree.names()).toEqual({ old: a, other: b, "kept.tmp": c, before });
    expect(tree.folder(realmId).localConfinementPoints).toEqual(new Set([c]));
    expect(tree.stored).toHaveLength(1);
    expect(tree.stored[0]).toMatchObject({ deletedManifests: [], newChunks: [], removedChunks: [] });
    expect(new Set(tree.stored[0]?.manifests.map(({ base }) => base.id))).toEqual(new Set([before, realmId]));
  });

  test("one that is refused after it brought back what another deleted leaves it deleted", async () => {
    const tree = new MemoryTree(root(), folder(a, realmId));
    const deleted = tree.lock.change((draft) => draft.delete(a));
    const refused = tree.lock.change((draft) => {
      draft.put(folder(a, realmId));
      throw new Error("refused");
    });
    await Promise.allSettled([deleted, refused]);
    expect(tree.stored).toMatchObject([{ manifests: [], deletedManifests: [a] }]);
  });

  test("all fail with the transaction, and nothing of them is known afterwards", async () => {
    const tree = new MemoryTree(root());
    const full = new Error("full");
    tree.storing = () => Promise.reject(full);
    const changes = [a, b].map((id) =>
      tree.lock.change(async (draft) => {
        draft.put(folder(id, realmId));
        await draft.bind(realmId, name(id), id);
      }),
    );
    const outcomes = await comes("the failure of both changes", Promise.allSettled(changes));
    expect(outcomes).toMatchObject([{ reason: full }, { reason: full }]);
    expect(tree.announced).toEqual([]);
    expect(tree.names()).toEqual({});
    tree.storing = async () => undefined;
    await tree.lock.change((draft) => draft.put(folder(a, realmId)));
    expect(tree.local.has(a)).toBe(true);
    expect(tree.names()).toEqual({});
  });

  test("that change nothing store nothing", async () => {
    const tree = new MemoryTree(root({ a }), folder(a, realmId));
    expect(await tree.lock.change(async (draft) => (await draft.getLocal(a))?.base.id)).toBe(a);
    await tree.lock.change((draft) => draft.bind(realmId, name("a"), a));
    expect(tree.stored).toEqual([]);
  });

  test("are stored in several transactions when they are many", async () => {
    const tree = new MemoryTree(root());
    const changes = Array.from({ length: 600 }, (_, i) =>
      tree.lock.change((draft) => draft.put({ ...folder(VlobId.generate(), realmId), updated: later(i) })),
    );
    await Promise.all(changes);
    expect(tree.stored.map(({ manifests }) => manifests.length)).toEqual([256, 256, 88]);
  });
});

describe("who waits for the lock", () => {
  test("changes wait for a task, and tasks for changes", async () => {
    const tree = new MemoryTree(root());
    const order: string[] = [];
    let leave = () => {};
    const task = tree.lock.run(async () => {
      order.push("task begins");
      await new Promise<void>((resolve) => {
        leave = resolve;
      });
      order.push("task ends");
    });
    const change = tree.lock.change(() => void order.push("change"));
    const last = tree.lock.run(() => void order.push("next task"));
    await tick();
    leave();
    await Promise.all([task, change, last]);
    expect(order).toEqual(["task begins", "task ends", "change", "next task"]);
  });

  test("an abort while waiting rejects at once, and the change never runs", async () => {
    const tree = new MemoryTree(root());
    let leave = () => {};
    const task = tree.lock.run(
      () =>
        new Promise<void>((resolve) => {
          leave = resolve;
        }),
    );
    const abort = new AbortController();
    let ran = 0;
    const count = () => void (ran += 1);
    const change = tree.lock.change(count, { signal: abort.signal });
    const other = tree.lock.change(count);
    const waiting = tree.lock.run(count, { signal: abort.signal });
    abort.abort(new Error("no longer"));
    await expect(change).rejects.toThrow("no longer");
    await expect(waiting).rejects.toThrow("no longer");
    leave();
    await Promise.all([task, other]);
    expect(ran).toBe(1);
    await expect(tree.lock.change(count, { signal: abort.signal })).rejects.toThrow("no longer");
  });

  test("a change that has begun is finished, whatever its signal says", async () => {
    const tree = new MemoryTree(root());
    const abort = new AbortController();
    const change = tree.lock.change(
      async (draft) => {
        draft.put(folder(a, realmId));
        abort.abort();
        await tick();
        return "done";
      },
      { signal: abort.signal },
    );
    expect(await change).toBe("done");
    expect(tree.local.has(a)).toBe(true);
  });
});

describe("a change that needs what is not here", () => {
  test("is taken back, waits outside the lock, and runs again", async () => {
    const tree = new MemoryTree(root());
    tree.remote.set(a, folder(a, realmId));
    let deliver = () => {};
    const { fetching } = tree;
    tree.fetching = async (ids, options) => {
      await new Promise<void>((resolve) => {
        deliver = resolve;
      });
      return fetching(ids, options);
    };
    let runs = 0;
    const change = tree.lock.change(async (draft) => {
      runs += 1;
      draft.put(folder(b, realmId));
      return (await draft.find(a))?.base.id;
    });
    await tick();
    // The lock is free meanwhile, and nothing of the change is done.
    await tree.lock.change((draft) => draft.put(folder(c, realmId)));
    expect(tree.local.has(b)).toBe(false);
    deliver();
    expect(await change).toBe(a);
    expect(runs).toBe(2);
    expect(tree.local.has(b)).toBe(true);
  });

  test("learns what does not exist, and what cannot be read", async () => {
    const tree = new MemoryTree(root());
    const damage = new StorageError("STORAGE_CORRUPTED", "damaged", { entryId: b });
    tree.fetching = async (ids) => new Map(ids.map((id) => [id, id === b ? damage : undefined]));
    expect(await tree.lock.change((draft) => draft.find(a))).toBeUndefined();
    await expect(tree.lock.change((draft) => draft.find(b))).rejects.toBe(damage);
    const all = await tree.lock.change((draft) => draft.findAll([realmId, a, b]));
    expect(all.found.map(({ base }) => base.id)).toEqual([realmId]);
    expect([...all.damaged]).toEqual([[b, damage]]);
  });

  test("asks for all that it misses at once", async () => {
    const tree = new MemoryTree(root());
    const asked: (readonly VlobId[])[] = [];
    tree.fetching = async (ids) => {
      asked.push(ids);
      return new Map(ids.map((id) => [id, undefined]));
    };
    await tree.lock.change((draft) => draft.findAll([realmId, a, b, c]));
    expect(asked).toEqual([[a, b, c]]);
  });

  test("fails as the fetching does, or when that brings nothing", async () => {
    const tree = new MemoryTree(root());
    const offline = new Error("offline");
    tree.fetching = () => Promise.reject(offline);
    await expect(tree.lock.change((draft) => draft.find(a))).rejects.toBe(offline);
    tree.fetching = async () => new Map();
    await expect(tree.lock.change((draft) => draft.find(a))).rejects.toSatisfy((error) => hasCode(error, "BUG"));
  });

  test("asks the server again for what was forgotten", async () => {
    const forgotten = { ...folder(a, realmId, {}, { version: 0 }), needSync: false };
    const tree = new MemoryTree(root(), forgotten);
    tree.remote.set(a, folder(a, realmId));
    expect(await tree.lock.change((draft) => draft.find(a))).toMatchObject({ base: { version: 1 } });
    tree.local.set(a, forgotten);
    expect((await tree.lock.change((draft) => draft.findAll([a]))).found).toHaveLength(1);
  });
});

describe("names", () => {
  const other = VlobId.generate();

  test("a bound name is never free: the former child keeps a name beside", async () => {
    const tree = new MemoryTree(root({ x: a }), folder(a, b), folder(c, realmId));
    await tree.lock.change((draft) => draft.bind(realmId, name("x"), c));
    expect(tree.names()).toEqual({ x: c, "x (Parsec - name conflict)": a });
    await tree.lock.change((draft) => draft.bind(realmId, name("x"), other));
    expect(tree.names()).toEqual({
      x: other,
      "x (Parsec - name conflict)": a,
      "x (Parsec - name conflict 2)": c,
    });
  });

  test("an entry has one name in a folder: a new one takes the place of the other", async () => {
    const tree = new MemoryTree(root({ x: a, y: b }), folder(a, realmId), folder(b, realmId));
    await tree.lock.change((draft) => draft.bind(realmId, name("z"), a));
    expect(tree.names()).toEqual({ y: b, z: a });
    await tree.lock.change((draft) => draft.bind(realmId, name("y"), a));
    expect(tree.names()).toEqual({ y: a, "y (Parsec - name conflict)": b });
  });

  test("names that stay on this device change nothing that others see", async () => {
    const tree = new MemoryTree(root({ "x.tmp": a }), folder(a, realmId), folder(b, realmId));
    tree.now = later(5);
    await tree.lock.change((draft) => draft.bind(realmId, name("y.tmp"), a));
    await tree.lock.change((draft) => draft.bind(realmId, name("z.tmp"), b));
    expect(tree.folder(realmId)).toMatchObject({ needSync: false, updated: start });
    expect(tree.folder(realmId).localConfinementPoints).toEqual(new Set([a, b]));
    await tree.lock.change((draft) => draft.unbind(realmId, name("z.tmp")));
    expect(tree.folder(realmId)).toMatchObject({ needSync: false, localConfinementPoints: new Set([a]) });
    // Out of confinement, and back: both are changes.
    await tree.lock.change((draft) => draft.bind(realmId, name("plain"), a));
    expect(tree.folder(realmId)).toMatchObject({
      needSync: true,
      updated: later(5),
      localConfinementPoints: new Set(),
    });
  });

  test("a renaming into confinement is a change, too", async () => {
    const tree = new MemoryTree(root({ x: a }), folder(a, realmId));
    await tree.lock.change((draft) => draft.bind(realmId, name("x.tmp"), a));
    expect(tree.folder(realmId)).toMatchObject({ needSync: true, localConfinementPoints: new Set([a]) });
  });

  test("a name that nobody has cannot be taken away, and only folders have names", async () => {
    const tree = new MemoryTree(root(), file(a, realmId));
    await expect(tree.lock.change((draft) => draft.unbind(realmId, name("x")))).rejects.toMatchObject({ code: "BUG" });
    await expect(tree.lock.change((draft) => draft.bind(a, name("x"), b))).rejects.toMatchObject({ code: "BUG" });
    await expect(tree.lock.change((draft) => draft.bind(c, name("x"), b))).rejects.toMatchObject({ code: "BUG" });
  });
});
