import { ready } from "@parsec/crypto";
import { EntryName, FsPath } from "@parsec/types";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { deviceIds, SimulatedDevice, SimulatedServer } from "../support/simulated-devices.ts";

// Who moves an entry uploads the entry first, and then the folder that lists it. Whoever looks in between still sees it.

let here: SimulatedDevice;
let there: SimulatedDevice;

beforeAll(() => ready());
beforeEach(() => {
  const server = new SimulatedServer();
  const words = new Map<string, string>();
  const [one, two] = deviceIds(2);
  if (one === undefined || two === undefined) throw new Error("two devices");
  here = new SimulatedDevice(server, one, words);
  there = new SimulatedDevice(server, two, words);
});

const path = (...names: string[]): FsPath => FsPath.of(names.map((name) => EntryName.parse(name)));

function shown(device: SimulatedDevice): Record<string, string> {
  return Object.fromEntries([...device.see()].map(([at, { word }]) => [at, word ?? "/"]).sort());
}

async function sync(...devices: readonly SimulatedDevice[]): Promise<void> {
  for (const device of devices) await device.sync();
}

/** A file `/x` and a folder `/c/b`, known to both. Then the other one moves the file into the folder. */
async function begin(): Promise<void> {
  await there.writeFile(path("x"), "word");
  await there.createFolder(path("c"));
  await there.createFolder(path("c", "b"));
  await sync(there, here);
  shown(here);
  await there.move(path("x"), path("c", "b", "x"));
  const file = there.see().get(path("c", "b", "x"));
  if (file === undefined) throw new Error("the file was moved");
  expect(await there.push(file.id)).toBe(true);
}

test("an entry that another device moves shows where it was until its new folder lists it", async () => {
  await begin();
  await here.pull(here.poll());
  expect(shown(here)).toEqual({ "/c": "/", "/c/b": "/", "/x": "word" });
  await sync(there, here);
  expect(shown(here)).toEqual({ "/c": "/", "/c/b": "/", "/c/b/x": "word" });
  expect(here.dirty()).toEqual([]);
});

test("the other device never comes back: the entry stays, and can be changed", async () => {
  await begin();
  await sync(here);
  await here.writeFile(path("x"), "newer");
  await sync(here);
  expect(Object.values(shown(here))).toContain("newer");
  expect(await here.lost()).toEqual([]);
  await sync(there, here, there, here);
  expect(shown(there)).toEqual(shown(here));
  expect(Object.values(shown(here)).filter((word) => word === "newer")).toHaveLength(1);
});

test("its new folder was removed here: it shows all the time, and the folder is back for it", async () => {
  await begin();
  await here.remove(path("c"));
  await here.pull(here.poll());
  expect(shown(here)).toEqual({ "/x": "word" });
  await sync(there, here, there, here);
  expect(shown(here)).toMatchObject({ "/c/b/x": "word" });
  expect(shown(there)).toEqual(shown(here));
});
