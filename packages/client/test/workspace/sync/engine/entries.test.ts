import { SettableClock } from "@parsec/base";
import { StorageError } from "@parsec/storage";
import {
  DateTime,
  DeviceId,
  EntryName,
  type LocalFolderManifest,
  newLocalFileManifest,
  newLocalFolderManifest,
  newLocalRootManifest,
  VlobId,
} from "@parsec/types";
import { beforeEach, describe, expect, test } from "vitest";
import { failureOf } from "../../../../src/monitors/failures.ts";
import { isFolder, type LocalManifest } from "../../../../src/workspace/manifests.ts";
import { EngineEntries, type Job } from "../../../../src/workspace/sync/engine/entries.ts";

const device = DeviceId.generate();
const realmId = VlobId.generate();
const date = DateTime.fromMicros(1);

/** What a device has, without storage. */
class Tree {
  readonly realmId = realmId;
  readonly known = new Map<VlobId, LocalManifest>();
  readonly damaged = new Set<VlobId>();
  readonly manifests = {
    getLocal: async (id: VlobId) => {
      if (this.damaged.has(id)) throw new StorageError("STORAGE_CORRUPTED", "damaged");
      return this.known.get(id);
    },
    folders: () => this.#folders(),
  };

  async #folders() {
    const folders = new Map<VlobId, LocalFolderManifest>();
    for (const [id, manifest] of this.known) {
      if (isFolder(manifest) && !this.damaged.has(id)) folders.set(id, manifest);
    }
    return folders;
  }

  put<M extends LocalManifest>(manifest: M): M {
    this.known.set(manifest.base.id, manifest);
    return manifest;
  }

  /** A new entry in a folder; `confined`: it stays on this device. */
  add(kind: "file" | "folder", parent: VlobId, name: string, confined = false): VlobId {
    const make = kind === "file" ? newLocalFileManifest : newLocalFolderManifest;
    const { id } = this.put(make(device, parent, date)).base;
    this.bind(parent, name, id, confined);
    return id;
  }

  bind(parent: VlobId, name: string, id: VlobId | null, confined = false): void {
    const folder = this.known.get(parent);
    if (folder === undefined || !isFolder(folder)) throw new Error("no folder");
    const children = new Map(folder.children);
    const points = new Set(folder.localConfinementPoints);
    const old = children.get(EntryName.parse(name));
    if (old !== undefined) points.delete(old);
    children.delete(EntryName.parse(name));
    if (id !== null) children.set(EntryName.parse(name), id);
    if (id !== null && confined) points.add(id);
    this.put<LocalFolderManifest>({ ...folder, children, localConfinementPoints: points });
  }
}

let tree: Tree;
let clock: SettableClock;
let entries: EngineEntries;

beforeEach(() => {
  tree = new Tree();
  tree.put(newLocalRootManifest(device, realmId, date, { speculative: false }));
  clock = new SettableClock(0);
  entries = new EngineEntries(tree, clock);
});

const now = () => clock.now() / 1000;

function begin(options: { canUpload?: boolean; isUrgent?: boolean } = {}): Job | undefined {
  return entries.begin(now(), { canUpload: true, isUrgent: true, ...options });
}

function begun(): Job {
  const job = begin();
  if (job === undefined) throw new Error("nothing begins");
  return job;
}

/** Runs the next one to that outcome. */
async function runTo(outcome: Parameters<EngineEntries["settle"]>[1], isAwaited = true): Promise<Error | undefined> {
  const job = begun();
  const error = await entries.settle(job, outcome, isAwaited);
  entries.end(job);
  return error;
}

describe("whose turn it is", () => {
  test("what comes in goes first, and no entry in both directions at once", () => {
    const [a, b] = [tree.add("file", realmId, "a"), tree.add("file", realmId, "b")];
    entries.changed(a);
    entries.announced(a, 3);
    entries.announced(b);
    expect([entries.hasIncoming, entries.hasOutgoing, entries.isTakingIn]).toEqual([true, true, true]);
    const first = begun();
    expect(first).toEqual({ id: a, direction: "in", version: 3 });
    expect(begun()).toMatchObject({ id: b, direction: "in", version: undefined });
    expect([begin(), entries.running, entries.hasIncoming, entries.isTakingIn]).toEqual([undefined, 2, false, true]);
    entries.end(first);
    expect(begun()).toMatchObject({ id: a, direction: "out" });
    entries.announced(a, 4);
    expect(begin()).toBeUndefined();
  });

  test("nothing goes out when it may not, and not before its turn", () => {
    entries.changed(tree.add("file", realmId, "a"));
    expect([begin({ canUpload: false }), begin({ isUrgent: false })]).toEqual([undefined, undefined]);
    expect(entries.nextUpload).toBe(1000);
    clock.advance(1000);
    expect(begin({ isUrgent: false })).toMatchObject({ direction: "out" });
    expect(entries.isTakingIn).toBe(false);
  });

  test("places decide: a folder after its children, a damaged entry when it comes", async () => {
    const folder = tree.add("folder", realmId, "folder");
    const [child, damaged] = [tree.add("file", folder, "child"), tree.add("file", folder, "damaged")];
    tree.damaged.add(damaged);
    for (const id of [folder, damaged, child]) entries.changed(id);
    expect(entries.needsPlaces).toBe(true);
    await entries.place(true);
    expect(entries.needsPlaces).toBe(false);
    const order = [];
    for (let job = begin(); job !== undefined; job = begin()) {
      order.push(job.id);
      entries.end(job);
    }
    expect(order).toEqual([damaged, child, folder]);
  });

  test("the stand-in of the root is nobody's work, unless one may write", async () => {
    for (const canWrite of [false, true]) {
      tree.put(newLocalRootManifest(device, realmId, date, { speculative: true }));
      entries.changed(realmId);
      await entries.place(canWrite);
      expect(entries.hasOutgoing).toBe(canWrite);
    }
  });
});

describe("what came of it", () => {
  test("done: the entry is forgotten, and what it failed for", async () => {
    const a = tree.add("file", realmId, "a");
    entries.changed(a);
    const job = begun();
    await entries.fail(job, failureOf(new StorageError("STORAGE_CORRUPTED", "x")));
    entries.end(job);
    expect([entries.hasOutgoing, entries.held.aside.listed()]).toMatchObject([false, [{ path: "/a" }]]);
    expect(entries.add(a)).toBe(false);
    clock.advance(3000);
    entries.takeDue(now());
    expect(await runTo("done")).toBeUndefined();
    expect([entries.held.aside.listed(), entries.add(a)]).toEqual([[], true]);
  });

  test("set aside, it comes again in the direction in which it failed, or when it changes", async () => {
    const [a, b] = [tree.add("file", realmId, "a"), tree.add("file", realmId, "b")];
    entries.announced(a, 1);
    entries.changed(b);
    for (const job of [begun(), begun()]) {
      await entries.fail(job, failureOf(new StorageError("STORAGE_CORRUPTED", "x")));
      entries.end(job);
    }
    entries.takeDue(2999);
    expect([entries.hasIncoming, entries.hasOutgoing]).toEqual([false, false]);
    entries.changed(b);
    expect(entries.held.aside.has(b)).toBe(false);
    entries.takeDue(3000);
    expect(begun()).toEqual({ id: a, direction: "in", version: undefined });
    expect(begun()).toMatchObject({ id: b, direction: "out" });
    expect(begin()).toBeUndefined();
  });

  test("busy: eight times for those who wait, then later", async () => {
    const a = tree.add("file", realmId, "a");
    entries.changed(a);
    for (let times = 1; times < 8; times += 1) expect(await runTo("busy")).toBeUndefined();
    expect(await runTo("busy")).toMatchObject({ code: "ENTRY_BUSY", entryId: a });
    expect([entries.hasOutgoing, entries.add(a)]).toEqual([false, false]);
    entries.changed(a);
    expect(entries.hasOutgoing).toBe(false);
    entries.resume();
    expect(entries.hasOutgoing).toBe(true);
    expect(begin({ isUrgent: false })).toBeUndefined();
    clock.advance(1000);
    expect(await runTo("done")).toBeUndefined();
    entries.resume();
    expect(entries.hasOutgoing).toBe(false);
  });

  test("busy, and nobody waits: it goes on", async () => {
    entries.changed(tree.add("file", realmId, "a"));
    for (let times = 0; times < 20; times += 1) expect(await runTo("busy", false)).toBeUndefined();
    expect(entries.hasOutgoing).toBe(true);
  });

  test("busy in between, or before somebody else waits, does not count", async () => {
    const a = tree.add("file", realmId, "a");
    entries.changed(a);
    for (let times = 1; times < 8; times += 1) await runTo("busy");
    entries.tryAll();
    for (let times = 1; times < 8; times += 1) expect(await runTo("busy")).toBeUndefined();
    expect(await runTo("done")).toBeUndefined();
    entries.changed(a);
    for (let times = 1; times < 8; times += 1) expect(await runTo("busy")).toBeUndefined();
  });

  test("contested: an error of its own", async () => {
    const a = tree.add("file", realmId, "a");
    entries.changed(a);
    expect(await runTo("contested")).toMatchObject({ code: "ENTRY_CONTESTED", entryId: a });
    expect(entries.hasOutgoing).toBe(false);
  });

  test("changed while it ran: it comes again", async () => {
    const a = tree.add("file", realmId, "a");
    entries.changed(a);
    const job = begun();
    entries.changed(a);
    await entries.settle(job, "done", true);
    entries.end(job);
    expect(entries.hasOutgoing).toBe(true);
  });

  test("again: in either direction", () => {
    const [a, b] = [tree.add("file", realmId, "a"), tree.add("file", realmId, "b")];
    entries.announced(a, 5);
    entries.changed(b);
    for (const job of [begun(), begun()]) {
      entries.again(job);
      entries.end(job);
    }
    expect(begun()).toEqual({ id: a, direction: "in", version: undefined });
    expect(begin({ isUrgent: false })).toMatchObject({ id: b, direction: "out" });
  });

  test("found again and again by those who look whether all is done, it is left for later", async () => {
    const a = tree.add("file", realmId, "a");
    for (let times = 0; times < 8; times += 1) {
      expect(entries.addAgain(a)).toBe(true);
      expect(entries.addAgain(a)).toBe(false);
      await runTo("done");
    }
    expect([entries.addAgain(a), entries.hasOutgoing]).toEqual([false, false]);
    entries.tryAll();
    await runTo("done");
    expect(entries.addAgain(a)).toBe(true);
  });
});

describe("what stays here because of its place", () => {
  test("confined: until the folder that confines it does so no more", async () => {
    const folder = tree.add("folder", realmId, "work.tmp", true);
    const [file, other] = [tree.add("file", folder, "file"), tree.add("file", realmId, "other.tmp", true)];
    for (const id of [file, other]) entries.changed(id);
    await runTo("confined");
    await runTo("confined");
    expect([entries.held.isParked(file), entries.held.isParked(other), entries.add(file)]).toEqual([true, true, false]);
    expect(entries.held.hasNews).toBe(false);
    entries.held.touched(realmId);
    expect(entries.held.hasNews).toBe(true);
    await entries.recheck();
    expect([entries.hasOutgoing, entries.held.hasNews]).toEqual([false, false]);
    tree.bind(realmId, "work.tmp", null);
    tree.bind(realmId, "work", folder);
    entries.held.touched(realmId);
    await entries.recheck();
    expect(begun()).toMatchObject({ id: file, direction: "out" });
    expect([begin(), entries.held.isParked(other)]).toEqual([undefined, true]);
  });

  test("what the server has of it is taken in then", async () => {
    const file = tree.add("file", realmId, "file.tmp", true);
    entries.announced(file, 7);
    await runTo("confined");
    expect(entries.held.isParked(file)).toBe(true);
    tree.bind(realmId, "file.tmp", null);
    tree.bind(realmId, "file", file);
    entries.held.touched(realmId);
    await entries.recheck();
    expect(begun()).toEqual({ id: file, direction: "in", version: undefined });
  });

  test("moved inside of confinement, it is found at its new place", async () => {
    const [x, y] = [tree.add("folder", realmId, "x.tmp", true), tree.add("folder", realmId, "y.tmp", true)];
    const folder = tree.add("folder", x, "folder");
    const file = tree.add("file", folder, "file");
    entries.changed(file);
    await runTo("confined");
    tree.bind(x, "folder", null);
    tree.bind(y, "folder", folder);
    tree.put({ ...newLocalFolderManifest(device, y, date), ...tree.known.get(folder), parent: y } as LocalManifest);
    entries.held.touched(folder);
    await entries.recheck();
    await runTo("confined");
    // What happens inside of confinement concerns nobody.
    entries.held.touched(folder);
    await entries.recheck();
    expect(entries.hasOutgoing).toBe(false);
    tree.bind(realmId, "y.tmp", null);
    tree.bind(realmId, "y", y);
    entries.held.touched(realmId);
    await entries.recheck();
    expect(begun()).toMatchObject({ id: file });
  });

  test("free by now: it comes again at once", async () => {
    const file = tree.add("file", realmId, "file");
    entries.changed(file);
    await runTo("confined");
    expect([entries.held.isParked(file), entries.hasOutgoing]).toEqual([false, true]);
  });

  test("something changed while it was looked for: it comes again", async () => {
    const file = tree.add("file", realmId, "file.tmp", true);
    entries.changed(file);
    const job = begun();
    const settling = entries.settle(job, "confined", true);
    entries.held.touched(realmId);
    await settling;
    entries.end(job);
    expect([entries.held.isParked(file), entries.hasOutgoing]).toEqual([false, true]);
  });

  test("unreachable: until any place changes", async () => {
    const folder = tree.add("folder", realmId, "folder");
    const file = tree.add("file", folder, "file");
    tree.bind(folder, "file", null);
    entries.changed(file);
    await runTo("unreachable");
    expect([entries.held.isParked(file), entries.add(file), entries.held.hasNews]).toEqual([true, false, true]);
    await entries.recheck();
    await runTo("unreachable");
    expect(entries.held.hasNews).toBe(false);
    entries.held.touched(VlobId.generate());
    expect(entries.held.hasNews).toBe(true);
    await entries.recheck();
    expect(begun()).toMatchObject({ id: file });
  });

  test("gone: nothing is kept of it", async () => {
    const file = VlobId.generate();
    entries.changed(file);
    await runTo("unreachable");
    expect([entries.held.isParked(file), entries.hasOutgoing]).toEqual([false, false]);
  });

  test("an entry that cannot be read is placed by the folder that lists it", async () => {
    const folder = tree.add("folder", realmId, "folder");
    const [a, b] = [tree.add("file", folder, "a"), tree.add("file", realmId, "b")];
    for (const id of [a, b]) {
      tree.damaged.add(id);
      entries.changed(id);
      const job = begun();
      await entries.fail(job, failureOf(new StorageError("STORAGE_CORRUPTED", "x")));
      entries.end(job);
    }
    expect(entries.held.aside.listed()).toMatchObject([{ path: undefined }, { path: undefined }]);
    expect(entries.held.hasNews).toBe(true);
    await entries.recheck();
    expect(entries.held.aside.listed()).toMatchObject([{ path: "/folder/a" }, { path: "/b" }]);
    expect(entries.held.hasNews).toBe(false);
  });
});
