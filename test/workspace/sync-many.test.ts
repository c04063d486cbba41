import { SyncIncompleteError } from "@parsec/client";
import { ready } from "@parsec/crypto";
import { memoryDriver, type StorageDriver, StorageError } from "@parsec/storage";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { type FaultyDriver, faultyDriver } from "../support/faulty-driver.ts";
import { answer } from "../support/scripted-network.ts";
import { has, isIdle, online, type Simulation, simulation } from "../support/simulation.ts";
import { names, pattern, readText } from "../support/two-devices.ts";

// Many entries: what is wrong with a few of them keeps no other one, and the work grows as their number.

beforeAll(() => ready());

async function* files(folders: number, each: number) {
  for (let folder = 0; folder < folders; folder += 1) {
    yield { kind: "folder", names: [`d${folder}`] } as const;
    for (let file = 0; file < each; file += 1) {
      const content = pattern(50, folder * each + file);
      yield {
        kind: "file",
        names: [`d${folder}`, `f${file}`],
        size: content.length,
        open: () => once(content),
      } as const;
    }
  }
}

async function* once(content: Uint8Array) {
  yield content;
}

function byReason(one: { readonly reason: string }, other: { readonly reason: string }): number {
  const order = ["STORAGE_CORRUPTED", "BODY_TOO_LARGE", "CHUNK_NOT_FOUND"];
  return order.indexOf(one.reason) - order.indexOf(other.reason);
}

/** The chunk that is stored meanwhile. */
async function chunkOf(driver: FaultyDriver, write: () => Promise<unknown>): Promise<unknown> {
  const stored: unknown[] = [];
  driver.fault = (method, [writes]) => {
    if (method !== "apply" || !Array.isArray(writes)) return undefined;
    for (const write of writes) if (write.kind === "put_chunk") stored.push(write.chunk.id);
    return undefined;
  };
  await write();
  expect(stored).toHaveLength(1);
  return stored[0];
}

test("1,000 changed entries, of which one lost its content, one is damaged, one is refused and one is being written", async () => {
  const sim = await simulation();
  const driver = faultyDriver(memoryDriver());
  const [device, written] = await online(sim, "Alicey", 0, { storage: driver });
  const [, there] = await online(sim, "Alicey", 1);
  device.network.goDown();
  await written.import(files(10, 100), "/");
  const { id: damaged } = await written.stat("/d1/f1");
  const { id: refused } = await written.stat("/d2/f2");
  const lost = await chunkOf(driver, () => written.writeFile("/d3/f3", pattern(60, 60)));
  await device.session.close();

  driver.fault = (method, [id]) =>
    (method === "vlob" && id === damaged) || (method === "chunk" && id === lost)
      ? new StorageError("STORAGE_CORRUPTED", "As planned")
      : undefined;
  device.network.comeBack();
  device.network.rule = async ({ command, request, pass }) => {
    if (command !== "vlob_create" || !Buffer.from(request.body ?? []).includes(Buffer.from(refused, "hex")))
      return pass();
    return answer(413);
  };
  const session = await device.login();
  const workspace = await session.workspaces.get(written.id);
  void workspace
    .writeFile("/d4/f4", new ReadableStream({ pull: () => new Promise(() => undefined) }))
    .catch(() => undefined);

  const isDone = async () => (await workspace.pendingUploads()).entries === 3;
  await sim.until(isDone, { stepMs: 1000 });
  await sim.until(() => workspace.syncState.setAside.every(({ path }) => path !== undefined));
  const expected = [
    { path: "/d1/f1", reason: "STORAGE_CORRUPTED" },
    { path: "/d2/f2", reason: "BODY_TOO_LARGE" },
    { path: "/d3/f3", reason: "CHUNK_NOT_FOUND" },
  ];
  expect(workspace.syncState.setAside.toSorted(byReason)).toMatchObject(expected);
  const error: unknown = await workspace.sync().catch((failure: unknown) => failure);
  if (!(error instanceof SyncIncompleteError)) throw error;
  expect(error.code).toBe("SYNC_INCOMPLETE");
  expect(error.left.toSorted(byReason)).toMatchObject(expected);
  for (let folder = 0; folder < 10; folder += 1) {
    await sim.until(() => has(there, `/d${folder}`));
    expect((await names(there, `/d${folder}`)).length).toBe(folder >= 1 && folder <= 3 ? 99 : 100);
  }
  // What keeps one of them is mended: it goes without a word.
  driver.fault = () => undefined;
  device.network.rule = ({ pass }) => pass();
  await workspace.writeFile("/d3/f3", "written again");
  await sim.until(async () => isIdle(workspace) && (await workspace.pendingUploads()).entries === 0);
  expect(workspace.syncState.setAside).toEqual([]);
  await sim.until(() => has(there, "/d1/f1"));
});

/** What it costs to upload that many new files, and to take them in elsewhere. */
async function costs(folders: number, each: number) {
  const sim = await simulation();
  const [driver, driverThere] = [faultyDriver(memoryDriver()), faultyDriver(memoryDriver())];
  const here = await manual(sim, 0, driver);
  const there = await manual(sim, 1, driverThere);
  await here.workspace.import(files(folders, each), "/");
  const calls = { upload: 0, takeIn: 0 };
  driver.fault = () => {
    calls.upload += 1;
    return undefined;
  };
  const before = here.network.sent.length;
  await here.workspace.sync();
  const requests = here.network.sent.length - before;
  await there.workspace.sync();
  for (let folder = 0; folder < folders; folder += 1) await names(there.workspace, `/d${folder}`);
  driverThere.fault = () => {
    calls.takeIn += 1;
    return undefined;
  };
  const path = "/d0/f0";
  for (let change = 0; change < each; change += 1) await here.workspace.writeFile(`/d0/f${change}`, `new ${change}`);
  await here.workspace.sync();
  await there.workspace.sync();
  expect(await readText(there.workspace, path)).toBe("new 0");
  return { ...calls, requests };
}

async function manual(sim: Simulation, index: number, storage: StorageDriver) {
  const { session, network } = await sim.device("Alicey", { index, storage, sync: "manual" });
  await session.refresh();
  const [workspace] = await session.workspaces.find("wksp1");
  if (workspace === undefined) throw new Error("no workspace");
  await workspace.sync();
  return { workspace, network };
}

test.each([1, 4])("each of four times as many files in %i folders costs as much", async (folders) => {
  for (const count of [100, 400]) {
    const { upload, takeIn, requests } = await costs(folders, count / folders);
    // Changes that come at the same time are stored together: how many do is not the same at each run, so these are bounds.
    expect(upload / count, "calls of the storage for a file that goes up").toBeLessThan(14);
    expect(
      takeIn / count,
      "calls of the storage for a file that comes in: its version, and what is stored",
    ).toBeLessThan(2.2);
    // For each file its block and its manifest, for each folder one manifest, and a few questions.
    expect(requests).toBeLessThan(2 * count + folders + 12);
  }
});

test("a cancel from a timer ends sync(), and timers run in time", async () => {
  const sim = await simulation();
  const { workspace } = await manual(sim, 0, memoryDriver());
  await workspace.import(files(2, 300), "/");
  const controller = new AbortController();
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
    if (ticks === 5) controller.abort(new Error("enough"));
  }, 10);
  onTestFinished(() => clearInterval(timer));
  await expect(workspace.sync({ signal: controller.signal })).rejects.toThrow("enough");
  const { entries } = await workspace.pendingUploads();
  expect(entries).toBeGreaterThan(0);
  await workspace.sync();
});

test("quiet: once all is done, nothing is sent for ten minutes, nor any timer pending", async () => {
  const sim = await simulation();
  const [device, workspace] = await online(sim);
  const [other, there] = await online(sim, "Alicey", 1);
  await workspace.import(files(3, 5), "/");
  await there.writeFile("/there", "x");
  await workspace.move("/d0", "/d1/d0");
  await sim.until(async () => (await has(there, "/d1/d0/f4")) && (await has(workspace, "/there")));
  await sim.until(() => [workspace, there].every(isIdle));
  const sent = () => device.network.sent.length + other.network.sent.length;
  const before = sent();
  await sim.pass(600_000);
  expect(sent()).toBe(before);
  expect(sim.clock.pendingTimers).toBe(0);
});
