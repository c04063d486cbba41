import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, StorageError } from "@parsec/storage";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { codeOf, expectSame } from "../support/assertions.ts";
import { faultyDriver, writing } from "../support/faulty-driver.ts";
import { hookedTransport } from "../support/hooked-transport.ts";
import { LooseDevices, type OpenDevice } from "../support/loose-devices.ts";
import { chunksOnDevice } from "../support/meddled-driver.ts";
import { names, pattern, readText } from "../support/two-devices.ts";

// Files that are open: what handles show, what is stored when, and what it means for synchronization.

const blocksize = 512 * 1024;
const text = (data: Uint8Array) => new TextDecoder().decode(data);
const bytes = (words: string) => new TextEncoder().encode(words);

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

async function open(...[devices, index, ports]: [LooseDevices, number, Parameters<LooseDevices["open"]>[1]?]) {
  const device: OpenDevice = await devices.open(index, ports);
  onTestFinished(() => device.close());
  return device;
}

async function oneDevice(ports: Parameters<LooseDevices["open"]>[1] = {}) {
  const devices = await LooseDevices.load(server);
  const transport = hookedTransport();
  const { workspace, session, close } = await open(devices, 0, { transport, ...ports });
  return { devices, transport, workspace, session, close };
}

describe("opening", () => {
  test("what there is, and what may be created", async () => {
    const { workspace } = await oneDevice();
    await workspace.writeFile("/f", "content");
    await workspace.createFolder("/d");
    expect(await codeOf(workspace.open("/none"))).toBe("ENTRY_NOT_FOUND");
    expect(await codeOf(workspace.open("/f/x", { create: true }))).toBe("PARENT_IS_FILE");
    expect(await codeOf(workspace.open("/none/x", { create: true }))).toBe("PARENT_NOT_FOUND");
    expect(await codeOf(workspace.open("/d"))).toBe("ENTRY_IS_FOLDER");
    expect(await codeOf(workspace.open("/"))).toBe("ENTRY_IS_FOLDER");
    expect(await codeOf(workspace.open("/f", { createNew: true }))).toBe("ENTRY_EXISTS");
    expect(await codeOf(workspace.open("/f", { truncate: true }))).toBe("INVALID_ARGUMENT");
    const existing = await workspace.open("/f", { create: true, read: true });
    expect(text(await existing.read(0, 100))).toBe("content");
    await existing.close();
    await using fresh = await workspace.open("/new", { createNew: true, write: true });
    expect(await workspace.stat("/new")).toMatchObject({ id: fresh.id, size: 0, kind: "file" });
    await using byId = await workspace.openById(fresh.id);
    expect(byId.id).toBe(fresh.id);
    expect(await codeOf(workspace.openById((await workspace.stat("/d")).id))).toBe("ENTRY_IS_FOLDER");
  });

  test("createNew of several at once: one succeeds", async () => {
    const { workspace } = await oneDevice();
    const options = { createNew: true, write: true };
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => workspace.open("/once", options)));
    const opened = outcomes.filter(({ status }) => status === "fulfilled");
    expect(opened).toHaveLength(1);
    const id = (await workspace.stat("/once")).id;
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "ENTRY_EXISTS", entryId: id });
    }
    const created = await Promise.all(Array.from({ length: 20 }, () => workspace.open("/shared", { create: true })));
    expect(new Set(created.map((handle) => handle.id)).size).toBe(1);
  });

  test("a handle does what it was opened for, until it is closed", async () => {
    const { workspace } = await oneDevice();
    await workspace.writeFile("/f", "content");
    const reader = await workspace.open("/f");
    const writer = await workspace.open("/f", { write: true });
    const neither = await workspace.open("/f", { read: false });
    expect(await codeOf(reader.write(0, bytes("x")))).toBe("NOT_OPEN_FOR_WRITING");
    expect(await codeOf(reader.resize(0))).toBe("NOT_OPEN_FOR_WRITING");
    expect(await codeOf(reader.flush())).toBe("NOT_OPEN_FOR_WRITING");
    expect(await codeOf(writer.read(0, 1))).toBe("NOT_OPEN_FOR_READING");
    expect(await codeOf(neither.read(0, 1))).toBe("NOT_OPEN_FOR_READING");
    expect((await neither.stat()).size).toBe(7);
    for (const handle of [reader, writer, neither]) {
      await handle.close();
      await handle.close();
      expect(await codeOf(handle.stat())).toBe("HANDLE_CLOSED");
      expect(await codeOf(handle.read(0, 1))).toBe("HANDLE_CLOSED");
    }
    expect(await readText(workspace, "/f")).toBe("content");
  });

  test("without a change nothing becomes one", async () => {
    const { workspace, session } = await oneDevice();
    await workspace.writeFile("/f", "content");
    await workspace.writeFile("/empty", "");
    await workspace.sync();
    const before = [await workspace.stat("/f"), await workspace.stat("/empty")];
    const events: unknown[] = [];
    session.events.on("outbound_sync_needed", (event) => events.push(event));
    for (const path of ["/f", "/empty"]) {
      await using handle = await workspace.open(path, { write: true, create: true, truncate: path === "/empty" });
      await handle.write(1000, new Uint8Array());
      await handle.writeAtEnd(new Uint8Array());
      expect(await handle.writeWithin(7, bytes("beyond"))).toBe(0);
      await handle.resize((await handle.stat()).size);
      await handle.resize(100, { onlyCut: true });
      await handle.flush();
    }
    expect([await workspace.stat("/f"), await workspace.stat("/empty")]).toEqual(before);
    expect(events).toEqual([]);
    expect(await workspace.pendingUploads()).toEqual({ entries: 0, bytes: 0 });
  });

  test("arguments are checked", async () => {
    const { workspace } = await oneDevice();
    await using handle = await workspace.open("/f", { create: true, write: true, read: true });
    const call = (name: "read" | "write" | "writeAtEnd" | "resize", ...values: unknown[]) =>
      codeOf(Reflect.apply(handle[name], handle, values));
    for (const offset of [-1, 1.5, Number.NaN, "0", undefined, 2 ** 53]) {
      expect(await call("read", offset, 1)).toBe("INVALID_ARGUMENT");
      expect(await call("read", 0, offset)).toBe("INVALID_ARGUMENT");
      expect(await call("write", offset, new Uint8Array(1))).toBe("INVALID_ARGUMENT");
      expect(await call("resize", offset)).toBe("INVALID_ARGUMENT");
    }
    for (const data of ["text", [1], null]) expect(await call("writeAtEnd", data)).toBe("INVALID_ARGUMENT");
    expect(await call("read", 0, 1, { signal: 5 })).toBe("INVALID_ARGUMENT");
    expect(await call("read", 0, 1, 5)).toBe("INVALID_ARGUMENT");
    expect((await handle.stat()).size).toBe(0);
  });
});

describe("what is written", () => {
  test("is seen at once by all who have the file open, by stat and list, and by readFile", async () => {
    const { workspace } = await oneDevice();
    await workspace.writeFile("/f", "0123456789");
    await using one = await workspace.open("/f", { write: true });
    await using two = await workspace.open("/f", { read: true, write: true });
    await one.write(2, bytes("ab"));
    expect(text(await two.read(0, 100))).toBe("01ab456789");
    await two.resize(5);
    await one.writeAtEnd(bytes("end"));
    await one.write(10, bytes("!"));
    expect(text(await two.read(0, 100))).toBe("01ab4end\0\0!");
    expect(await two.writeWithin(9, bytes("XYZ"))).toBe(2);
    expect(text(await two.read(0, 100))).toBe("01ab4end\0XY");
    expect(await workspace.stat("/f")).toMatchObject({ size: 11, needSync: true });
    const sizes: number[] = [];
    for await (const entry of workspace.list("/")) if (entry.kind !== "damaged") sizes.push(entry.size);
    expect(sizes).toContain(11);
    expect(await readText(workspace, "/f")).toBe("01ab4end\0XY");
  });

  test("is stored by a flush, by a close, and by the end of the workspace or the session", async () => {
    const { workspace, session } = await oneDevice();
    const handles = await Promise.all(
      ["/flushed", "/closed", "/left"].map((path) => workspace.open(path, { create: true, write: true })),
    );
    for (const handle of handles) await handle.write(0, bytes("content"));
    await handles[0]?.flush();
    await handles[1]?.close();
    const { id } = workspace;
    await workspace.close();
    expect(await codeOf(handles[2]?.write(0, bytes("late")) ?? Promise.resolve())).toBe("WORKSPACE_CLOSED");
    await handles[2]?.close();
    const again = await session.workspaces.get(id);
    for (const path of ["/flushed", "/closed", "/left"]) expect(await readText(again, path)).toBe("content");
  });

  test("is there after the end of the session, too", async () => {
    const storage = memoryDriver();
    const { workspace, devices, close } = await oneDevice({ storage });
    const handle = await workspace.open("/f", { create: true, write: true });
    await handle.write(3, pattern(2 * blocksize, 1));
    await close();
    expect(await codeOf(handle.flush())).toBe("SESSION_CLOSED");
    const again = await open(devices, 0, { storage });
    expect((await again.workspace.stat("/f")).size).toBe(2 * blocksize + 3);
  });

  test("a failed write or flush loses nothing: the next one tries again", async () => {
    const storage = faultyDriver(memoryDriver());
    const { workspace } = await oneDevice({ storage });
    await using handle = await workspace.open("/f", { create: true, read: true, write: true });
    await handle.write(0, bytes("small"));
    storage.fault = (method) => (writing.has(method) ? new StorageError("STORAGE_FULL", "no space left") : undefined);
    expect(await codeOf(handle.flush())).toBe("STORAGE_FULL");
    expect(await codeOf(handle.write(0, pattern(3 * blocksize, 1)))).toBe("STORAGE_FULL");
    // What cannot be stored does not fill the memory.
    for (let i = 0; i < 5; i += 1) expect(await codeOf(handle.write(0, pattern(10, 1)))).toBe("STORAGE_FULL");
    storage.fault = () => undefined;
    await handle.write(0, bytes("again"));
    await handle.flush();
    expect(text(await handle.read(0, 5))).toBe("again");
    expect((await handle.read(5, 100)).length).toBe(100);
    expectSame(await handle.read(5, blocksize - 5), pattern(3 * blocksize, 1).subarray(5, blocksize));
  });

  test("small writes make whole blocks, and leave nothing else behind", async () => {
    const storage = memoryDriver();
    const { workspace, devices, close } = await oneDevice({ storage });
    const content = pattern(2 * blocksize + 700, 5);
    await using handle = await workspace.open("/f", { create: true, write: true });
    for (let at = 0; at < content.length; at += 1000) await handle.write(at, content.subarray(at, at + 1000));
    await handle.close();
    const pending = await workspace.pendingUploads();
    expect(pending.bytes).toBe(content.length);
    await workspace.sync();
    await close();
    expect(await chunksOnDevice(storage, devices.device(0).deviceId, workspace.id)).toEqual([]);
    const other = await open(devices, 1);
    await using read = await other.workspace.open("/f");
    expectSame(await read.read(0, content.length + 5), content);
  });

  test("far behind the end costs neither memory nor space, and reaches other devices", async () => {
    const { workspace, devices } = await oneDevice();
    const far = 10 * 1024 ** 3;
    await using handle = await workspace.open("/sparse", { create: true, read: true, write: true });
    await handle.write(far, bytes("far away"));
    await handle.write(5, bytes("near"));
    await handle.flush();
    expect((await handle.stat()).size).toBe(far + 8);
    expect((await workspace.pendingUploads()).bytes).toBeLessThan(100);
    expect(text(await handle.read(far - 2, 100))).toBe("\0\0far away");
    expect(await handle.read(far / 2, 3)).toEqual(new Uint8Array(3));
    expect(await codeOf(handle.write(2 ** 50, bytes("x")))).toBe("FILE_TOO_LARGE");
    expect(await codeOf(handle.resize(2 ** 50))).toBe("FILE_TOO_LARGE");
    expect(await codeOf(handle.read(0, far))).toBe("INVALID_ARGUMENT");
    await handle.close();
    await workspace.sync();
    const other = await open(devices, 1);
    await using there = await other.workspace.open("/sparse");
    expect((await there.stat()).size).toBe(far + 8);
    expect(text(await there.read(far, 100))).toBe("far away");
    expect(text(await there.read(4, 6))).toBe("\0near\0");
  });
});

describe("a handle goes with its entry", () => {
  test("when that is renamed or moved", async () => {
    const { workspace } = await oneDevice();
    await workspace.createFolder("/d");
    await using handle = await workspace.open("/f", { create: true, read: true, write: true });
    await handle.write(0, bytes("one"));
    await workspace.move("/f", "/g");
    await handle.writeAtEnd(bytes(" two"));
    await workspace.move("/g", "/d/h");
    await handle.writeAtEnd(bytes(" three"));
    expect(await handle.path()).toBe("/d/h");
    await handle.close();
    expect(await readText(workspace, "/d/h")).toBe("one two three");
  });

  test("when that is removed: it works on, and nothing comes back or stays behind", async () => {
    const storage = memoryDriver();
    const { workspace, devices, close } = await oneDevice({ storage });
    await workspace.writeFile("/synced", pattern(blocksize + 5, 1));
    await workspace.sync();
    await workspace.writeFile("/synced", pattern(2 * blocksize, 2));
    const [synced, fresh] = await Promise.all(
      ["/synced", "/fresh"].map((path) => workspace.open(path, { create: true, read: true, write: true })),
    );
    if (synced === undefined || fresh === undefined) throw new Error("not opened");
    await fresh.write(0, pattern(blocksize + 9, 3));
    await fresh.flush();
    await workspace.remove("/synced");
    await workspace.writeFile("/other", "x");
    await workspace.move("/other", "/fresh", { replace: true });
    expect(await synced.path()).toBeUndefined();
    expectSame(await synced.read(0, 10 * blocksize), pattern(2 * blocksize, 2));
    expectSame(await fresh.read(0, 10 * blocksize), pattern(blocksize + 9, 3));
    await fresh.write(5, pattern(3 * blocksize, 4));
    await synced.write(0, bytes("still"));
    await synced.flush();
    expectSame((await synced.read(0, 10 * blocksize)).subarray(5), pattern(2 * blocksize, 2).subarray(5));
    expectSame((await fresh.read(5, 10 * blocksize)).subarray(0, 3 * blocksize), pattern(3 * blocksize, 4));
    await workspace.sync();
    await synced.close();
    await fresh.close();
    expect(await readText(workspace, "/fresh")).toBe("x");
    expect(await names(workspace)).not.toContain("synced");
    await workspace.sync();
    await close();
    expect(await chunksOnDevice(storage, devices.device(0).deviceId, workspace.id)).toEqual([]);
  });

  test("and shows what others give it, with what was written and not stored yet on it", async () => {
    const { workspace } = await oneDevice();
    await workspace.writeFile("/f", "0123456789");
    await using handle = await workspace.open("/f", { read: true, write: true });
    await handle.write(2, bytes("ab"));
    await workspace.writeFile("/f", "a whole new content");
    expect(text(await handle.read(0, 100))).toBe("a abole new content");
    await handle.close();
    expect(await readText(workspace, "/f")).toBe("a abole new content");
  });
});

describe("streams of a handle", () => {
  test("read and write parts", async () => {
    const { workspace } = await oneDevice();
    const content = pattern(2 * blocksize + 100, 7);
    await using handle = await workspace.open("/f", { create: true, read: true, write: true });
    await new Blob([content.slice()]).stream().pipeTo(handle.writable({ at: 50 }));
    expectSame(await readAll(handle.readable({ offset: 50 })), content);
    expectSame(await readAll(handle.readable({ offset: 60, size: 10 })), content.subarray(10, 20));
    expect(await readAll(handle.readable({ offset: 10 ** 9 }))).toEqual(new Uint8Array());
    const writer = handle.writable({ at: "end" }).getWriter();
    await writer.write(bytes("ab"));
    await writer.write(bytes("cd"));
    await writer.close();
    expect(text(await handle.read(50 + content.length, 10))).toBe("abcd");
  });

  test("end with the handle, and with an abort", async () => {
    const { workspace } = await oneDevice();
    await workspace.writeFile("/f", pattern(2 * blocksize, 1));
    const handle = await workspace.open("/f", { read: true, write: true });
    const reader = handle.readable().getReader();
    await reader.read();
    const stop = new AbortController();
    const aborted = handle.readable({ signal: stop.signal }).getReader();
    await aborted.read();
    stop.abort(new Error("enough"));
    await expect(aborted.read()).rejects.toThrow("enough");
    await handle.close();
    await expect(reader.read()).rejects.toMatchObject({ code: "HANDLE_CLOSED" });
    expect(() => handle.writable()).toThrow(expect.objectContaining({ code: "HANDLE_CLOSED" }));
  });
});

test("reading in small steps opens each block once, and fetches it once", async () => {
  const { workspace, devices } = await oneDevice();
  await workspace.writeFile("/f", pattern(2 * blocksize, 1));
  await workspace.sync();
  const transport = hookedTransport();
  const other = await open(devices, 1, { transport });
  await using handle = await other.workspace.open("/f");
  transport.forget();
  for (let at = 0; at < 2 * blocksize; at += 64 * 1024) {
    expectSame(await handle.read(at, 100), pattern(2 * blocksize, 1).subarray(at, at + 100));
  }
  expect(transport.sent.get("block_read")).toBe(2);
});

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}
