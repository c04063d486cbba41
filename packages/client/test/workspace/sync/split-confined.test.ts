import { ready } from "@parsec/crypto";
import { EntryName, FsPath } from "@parsec/types";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { deviceIds, SimulatedDevice, SimulatedServer } from "../support/simulated-devices.ts";

// What one device renames so that it stays there was removed for all others. What they had changed meanwhile shows again,
// and what the device keeps for itself stays as it is.

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

const path = (text: string): FsPath => FsPath.of(text.split("/").map((name) => EntryName.parse(name)));

function shown(device: SimulatedDevice): Record<string, string> {
  return Object.fromEntries([...device.see()].map(([at, { word }]) => [at, word ?? "/"]).sort());
}

async function sync(...devices: readonly SimulatedDevice[]): Promise<void> {
  for (const device of devices) await device.sync();
}

async function onBoth(...files: readonly string[]): Promise<void> {
  await here.createFolder(path("d"));
  for (const file of files) await here.writeFile(path(file), "old");
  await sync(here, there);
  shown(there);
}

async function agreed(): Promise<void> {
  await sync(here, there, here, there);
  for (const device of [here, there]) {
    expect(await device.waiting()).toEqual([]);
    expect(await device.lost()).toEqual([]);
  }
}

describe.each(["here", "there"])("who synchronizes first: %s", (first) => {
  const begin = () => (first === "here" ? sync(here, there) : sync(there, here));

  test("a file: the edit shows on both, what was renamed stays", async () => {
    await onBoth("x");
    await here.move(path("x"), path("x.tmp"));
    await there.writeFile(path("x"), "edited");
    await begin();
    await agreed();
    expect(shown(here)).toEqual({ "/d": "/", "/x": "edited", "/x.tmp": "old" });
    expect(shown(there)).toEqual({ "/d": "/", "/x": "edited" });
  });

  test("changed here, too: both contents show here", async () => {
    await onBoth("x");
    await here.writeFile(path("x"), "mine");
    await here.move(path("x"), path("x.tmp"));
    await there.writeFile(path("x"), "edited");
    await begin();
    await agreed();
    expect(shown(here)).toMatchObject({ "/x": "edited", "/x.tmp": "mine" });
    expect(shown(there)).toMatchObject({ "/x": "edited" });
  });

  test("a folder: what was edited or is new in it shows on both, and nothing else", async () => {
    await onBoth("d/x", "d/y");
    await here.move(path("d"), path("d.tmp"));
    await there.writeFile(path("d/x"), "edited");
    await there.writeFile(path("d/z"), "new");
    await begin();
    await agreed();
    expect(shown(here)).toMatchObject({ "/d/x": "edited", "/d/z": "new", "/d.tmp/x": "old", "/d.tmp/y": "old" });
    expect(shown(there)).toMatchObject({ "/d/x": "edited", "/d/z": "new" });
  });
});

test("what others only moved or left alone stays with the one who keeps it", async () => {
  await onBoth("x", "y");
  await here.move(path("x"), path("x.tmp"));
  await here.move(path("y"), path("y.tmp"));
  await there.move(path("y"), path("d/y"));
  await sync(there, here);
  await agreed();
  expect(shown(here)).toEqual({ "/d": "/", "/x.tmp": "old", "/y.tmp": "old" });
  expect(shown(there)).toMatchObject({ "/d/y": "old" });
});
