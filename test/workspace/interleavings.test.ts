import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OfflineError } from "@parsec/connection";
import { type RunningServer, startServer } from "@parsec/server";
import { memoryDriver, platformDriver } from "@parsec/storage";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { hookedTransport } from "../support/hooked-transport.ts";
import { LooseDevices, type OpenDevice } from "../support/loose-devices.ts";
import { meddledDriver } from "../support/meddled-driver.ts";
import { settled, treeOf } from "../support/tree-of.ts";
import { readText } from "../support/two-devices.ts";

// Changes that come while something is on its way, answers that do not come, and data that is older than what the server
// has: nothing of it takes anything away.

let server: RunningServer;

beforeAll(async () => {
  server = await startServer({ testbed: true });
});
afterAll(() => server.close());

const nothing = { entries: 0, bytes: 0 };

async function twoDevices() {
  const devices = await LooseDevices.load(server);
  const transport = hookedTransport();
  const driver = meddledDriver(memoryDriver());
  const laptop = await open(devices, 0, { transport, storage: driver });
  const desktop = await open(devices, 1);
  return { devices, transport, driver, here: laptop.workspace, there: desktop.workspace };
}

async function open(...[devices, index, ports]: [LooseDevices, number, Parameters<LooseDevices["open"]>[1]?]) {
  const device: OpenDevice = await devices.open(index, ports);
  onTestFinished(() => device.close());
  return device;
}

/** Runs `change` at the first answer to `command`, and says when it is done. */
function once(command: string, change: () => Promise<unknown>) {
  let isDone = false;
  return async (name: string) => {
    if (name !== command || isDone) return;
    isDone = true;
    await change();
  };
}

describe("a change while a version is on its way up", () => {
  test("of a file: both versions go, and nothing has to be merged", async () => {
    const { here, there, transport } = await twoDevices();
    await here.writeFile("/x", "first");
    await here.sync();
    await here.writeFile("/x", "second");
    transport.forget();
    transport.hooks = { after: once("vlob_update", () => here.writeFile("/x", "third")) };
    await here.sync();
    expect(await here.pendingUploads()).toEqual(nothing);
    expect(transport.sent.get("vlob_update")).toBe(2);
    expect(transport.sent.get("vlob_read_batch")).toBeUndefined();
    expect(await settled(here, there)).toEqual([{ "/x": "third" }, { "/x": "third" }]);
  });

  test("of a folder: what came meanwhile goes, too", async () => {
    const { here, there, transport } = await twoDevices();
    await here.createFolder("/d");
    await here.sync();
    await here.writeFile("/d/one", "1");
    transport.hooks = { after: once("vlob_update", () => here.writeFile("/d/two", "2")) };
    await here.sync();
    expect(await here.pendingUploads()).toEqual(nothing);
    const tree = { "/d/": "", "/d/one": "1", "/d/two": "2" };
    expect(await settled(here, there)).toEqual([tree, tree]);
  });

  test.each(["before", "after"] as const)("a removal %s a new file is accepted", async (when) => {
    const { here, there, transport } = await twoDevices();
    await here.sync();
    await here.writeFile("/x", "x");
    transport.hooks = { [when]: once("vlob_create", () => here.remove("/x")) };
    await here.sync();
    expect(await here.pendingUploads()).toEqual(nothing);
    expect(await settled(here, there)).toEqual([{}, {}]);
    expect(await here.purge()).toBe(0);
  });

  test("a removal while a new version of a file is accepted", async () => {
    const { here, there, transport } = await twoDevices();
    await here.writeFile("/x", "x");
    await here.sync();
    await here.writeFile("/x", "y");
    transport.hooks = { before: once("vlob_update", () => here.remove("/x")) };
    await here.sync();
    expect(await settled(here, there)).toEqual([{}, {}]);
  });
});

describe("a change while a version is on its way down", () => {
  test("of a file: both contents stay", async () => {
    const { here, there, transport } = await twoDevices();
    await here.writeFile("/x", "old");
    await settled(here, there);
    await there.writeFile("/x", "of there");
    await there.sync();
    transport.hooks = { after: once("vlob_read_batch", () => here.writeFile("/x", "of here")) };
    await here.sync();
    const tree = { "/x": "of there", "/x (Parsec sync conflict 2)": "of here" };
    expect(await settled(here, there)).toEqual([tree, tree]);
  });

  test("of a folder: additions of both stay", async () => {
    const { here, there, transport } = await twoDevices();
    await here.createFolder("/d");
    await settled(here, there);
    await there.writeFile("/d/theirs", "1");
    await there.sync();
    transport.hooks = { after: once("vlob_read_batch", () => here.writeFile("/d/ours", "2")) };
    await here.sync();
    const tree = { "/d/": "", "/d/ours": "2", "/d/theirs": "1" };
    expect(await settled(here, there)).toEqual([tree, tree]);
  });

  test("a fetched manifest does not replace a newer local one", async () => {
    const { here, there, transport } = await twoDevices();
    await there.createFolder("/d");
    await there.writeFile("/d/x", "old");
    await there.sync();
    await here.sync();
    await here.stat("/d");
    // Two look for the entry at once; the answer to the first one is late.
    let deliver = () => {};
    const late = new Promise<void>((resolve) => {
      deliver = resolve;
    });
    transport.hooks = { after: once("vlob_read_batch", () => late) };
    const first = here.stat("/d/x");
    await here.stat("/d/x");
    await here.writeFile("/d/x", "newer");
    deliver();
    expect(await first).toMatchObject({ needSync: true, size: 5 });
    expect(await readText(here, "/d/x")).toBe("newer");
    expect(await settled(here, there)).toEqual([
      { "/d/": "", "/d/x": "newer" },
      { "/d/": "", "/d/x": "newer" },
    ]);
  });
});

describe("a version whose acknowledgement does not come", () => {
  /** The next answer to `command` gets lost, after this. */
  const losing = (command: string, meanwhile: () => Promise<unknown> = async () => undefined) =>
    once(command, async () => {
      await meanwhile();
      throw new OfflineError("The answer got lost", { reason: "unreachable" });
    });

  test("is known again, by the same process: no conflict, also when the file changed since", async () => {
    const { here, there, transport } = await twoDevices();
    await here.writeFile("/x", "first");
    await here.sync();
    await here.writeFile("/x", "second");
    transport.hooks = { after: losing("vlob_update", () => here.writeFile("/x", "third")) };
    expect(await settled(here, there)).toEqual([{ "/x": "third" }, { "/x": "third" }]);
    expect(await here.stat("/x")).toMatchObject({ baseVersion: 3, needSync: false });
  });

  test("is not accepted a second time when nothing changed since", async () => {
    const { here, there, transport } = await twoDevices();
    await here.writeFile("/x", "first");
    await here.sync();
    await here.writeFile("/x", "second");
    transport.hooks = { after: losing("vlob_update") };
    expect(await settled(here, there)).toEqual([{ "/x": "second" }, { "/x": "second" }]);
    expect(await here.stat("/x")).toMatchObject({ baseVersion: 2, needSync: false });
  });

  test("is recognised by another process, when it is what that one would send", async () => {
    const devices = await LooseDevices.load(server);
    const storage = memoryDriver();
    const transport = hookedTransport();
    const first = await devices.open(0, { storage, transport });
    await first.workspace.createFolder("/d");
    await first.workspace.writeFile("/d/x", "first");
    await first.workspace.sync();
    await first.workspace.writeFile("/d/x", "second");
    await first.workspace.createFolder("/d/e");
    // The file goes first, then the folder.
    transport.hooks = {
      after: async (command) => {
        if (command === "vlob_update") throw new OfflineError("The answer got lost", { reason: "unreachable" });
      },
    };
    await expect(first.workspace.sync()).rejects.toMatchObject({ code: "OFFLINE" });
    await first.close();
    const { workspace } = await open(devices, 0, { storage });
    await workspace.sync();
    const tree = { "/d/": "", "/d/e/": "", "/d/x": "second" };
    expect(await treeOf(workspace)).toEqual(tree);
    const other = await open(devices, 1);
    expect(await settled(workspace, other.workspace)).toEqual([tree, tree]);
    expect(await workspace.stat("/d/x")).toMatchObject({ baseVersion: 2, needSync: false });
  });
});

describe("versions of this device that its data do not know", () => {
  /** A device with its data in a folder of its own, which can be copied while the device is closed. */
  async function machine() {
    const devices = await LooseDevices.load(server);
    const dir = mkdtempSync(join(tmpdir(), "parsec-machine-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const data = join(dir, "data");
    const copy = join(dir, "copy");
    return {
      devices,
      start: (from = data) => devices.open(0, { storage: platformDriver(from) }),
      copyTo: (target = copy) => cpSync(data, target, { recursive: true }),
      copy,
    };
  }

  test("a restored backup: what was written after it stays, beside what is written now", async () => {
    const { devices, start, copyTo, copy } = await machine();
    const first = await start();
    await first.workspace.writeFile("/x", "before");
    await first.workspace.sync();
    await first.close();
    copyTo();
    const second = await start();
    await second.workspace.writeFile("/x", "after the backup");
    await second.workspace.writeFile("/new", "new after the backup");
    await second.workspace.sync();
    await second.close();
    const restored = await start(copy);
    await restored.workspace.writeFile("/x", "on the restored machine");
    await restored.workspace.writeFile("/other", "new on the restored machine");
    const other = await devices.open(1);
    const trees = await settled(restored.workspace, other.workspace);
    await restored.close();
    await other.close();
    expect(trees[0]).toEqual(trees[1]);
    expect(trees[0]).toEqual({
      "/new": "new after the backup",
      "/other": "new on the restored machine",
      "/x": "after the backup",
      "/x (Parsec sync conflict 2)": "on the restored machine",
    });
  });

  test("a cloned machine: what both write stays", async () => {
    const { devices, start, copyTo, copy } = await machine();
    const first = await start();
    await first.workspace.writeFile("/x", "before");
    await first.workspace.sync();
    await first.close();
    copyTo();
    const [one, two] = [await start(), await start(copy)];
    await one.workspace.writeFile("/x", "of the first");
    await two.workspace.writeFile("/x", "of the second");
    const other = await devices.open(1);
    const [tree, ...rest] = await settled(one.workspace, two.workspace, other.workspace);
    for (const device of [one, two, other]) await device.close();
    expect(rest).toEqual([tree, tree]);
    expect(Object.values(tree ?? {}).sort()).toEqual(["of the first", "of the second"]);
  });
});

describe("many changes at once", () => {
  test("in one folder: few transactions, and the folder is written once in each", async () => {
    const { here, there, driver } = await twoDevices();
    await here.createFolder("/d");
    driver.forget();
    await Promise.all(Array.from({ length: 400 }, (_, i) => here.createFolder(`/d/${i}`)));
    expect(driver.transactions).toBeLessThanOrEqual(6);
    expect(driver.written.get("put_vlob")).toBeLessThanOrEqual(400 + driver.transactions);
    const listed = await settled(here, there);
    expect(Object.keys(listed[1] ?? {})).toHaveLength(401);
  });

  test("one that is refused refuses no other", async () => {
    const { here } = await twoDevices();
    await here.createFolder("/d");
    const outcomes = await Promise.allSettled([
      here.createFolder("/d/one"),
      here.createFolder("/missing/two"),
      here.createFolder("/d/one"),
      here.move("/d", "/d/inside"),
      here.createFolder("/d/three"),
    ]);
    expect(outcomes.map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : "done"))).toEqual([
      "done",
      "PARENT_NOT_FOUND",
      "ENTRY_EXISTS",
      "MOVE_INTO_ITSELF",
      "done",
    ]);
    expect(await treeOf(here)).toEqual({ "/d/": "", "/d/one/": "", "/d/three/": "" });
  });

  test("an unknown folder is listed with one request", async () => {
    const { here, there, transport } = await twoDevices();
    await there.createFolder("/d");
    await Promise.all(Array.from({ length: 300 }, (_, i) => there.createFolder(`/d/${i}`)));
    await there.sync();
    await here.sync();
    transport.forget();
    expect(Object.keys(await treeOf(here)).filter((path) => path.startsWith("/d/"))).toHaveLength(301);
    // One for the folder, one for its children.
    expect(transport.sent.get("vlob_read_batch")).toBe(2);
  });
});
