import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { loadDevice, prepareDevice } from "../../src/index.ts";
import { fileDeviceStore } from "../../src/node/file-store.ts";
import { newDevice } from "../support/devices.ts";
import { temporaryFolder } from "../support/folder.ts";
import { quickPassword } from "../support/vectors.ts";

/** What the operating system was asked to do, in order. */
const { calls } = vi.hoisted(() => ({ calls: [] as string[] }));

vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return {
    ...real,
    open: async (path: string, flags: string, mode?: number) => {
      const file = await real.open(path, flags, mode);
      const sync = file.sync.bind(file);
      const write = file.writeFile.bind(file);
      file.sync = async () => {
        await sync();
        calls.push(`sync ${path}`);
      };
      file.writeFile = async (...args: Parameters<typeof file.writeFile>) => {
        await write(...args);
        calls.push(`write ${path}`);
      };
      return file;
    },
    rename: async (from: string, to: string) => {
      await real.rename(from, to);
      calls.push(`rename ${from} ${to}`);
    },
    unlink: async (path: string) => {
      await real.unlink(path);
      calls.push(`unlink ${path}`);
    },
  };
});

/** The calls since the last time, with names instead of paths below `dir`. */
function done(dir: string): readonly string[] {
  return calls
    .splice(0)
    .map((call) => call.replaceAll(`${dir}/`, "").replaceAll(dir, "."))
    .map((call) => call.replaceAll(/\.[0-9a-f]{8}\.tmp/g, ".tmp"));
}

const content = new TextEncoder().encode("content");

test("a new file is on disk before it has its name, and its name before the call returns", async () => {
  const dir = await temporaryFolder();
  const store = fileDeviceStore(dir);
  await store.write("a.keys", content);
  const written = ["write a.keys.tmp", "sync a.keys.tmp", "rename a.keys.tmp a.keys", "sync ."];
  expect(done(dir)).toEqual(written);
  await store.write("a.keys", content);
  expect(done(dir)).toEqual(written);
});

test("a new folder is synced in the one that it is in, each one of several", async () => {
  const dir = await temporaryFolder();
  const store = fileDeviceStore(join(dir, "new/config"));
  await store.write("devices/a.keys", content);
  expect(done(dir)).toEqual([
    "sync new/config",
    "sync new",
    "sync .",
    "write new/config/devices/a.keys.tmp",
    "sync new/config/devices/a.keys.tmp",
    "rename new/config/devices/a.keys.tmp new/config/devices/a.keys",
    "sync new/config/devices",
  ]);
  await store.write("devices/sub/b.keys", content);
  expect(done(dir).slice(0, 2)).toEqual(["sync new/config/devices", "write new/config/devices/sub/b.keys.tmp"]);
});

test("a rename and a removal are on disk when the call returns, in both folders", async () => {
  const dir = await temporaryFolder();
  const store = fileDeviceStore(dir);
  await store.write("one/a.keys", content);
  await store.write("two/b.keys", content);
  done(dir);
  await store.rename("one/a.keys", "one/c.keys");
  expect(done(dir)).toEqual(["rename one/a.keys one/c.keys", "sync one"]);
  await store.rename("one/c.keys", "two/c.keys");
  expect(done(dir)).toEqual(["rename one/c.keys two/c.keys", "sync two", "sync one"]);
  await store.remove("two/c.keys");
  expect(done(dir)).toEqual(["unlink two/c.keys", "sync two"]);
});

test("a prepared device is on disk whole before it is committed, and committed when that returns", async () => {
  const dir = await temporaryFolder();
  const store = fileDeviceStore(dir);
  const device = newDevice();
  const prepared = await prepareDevice(store, device, quickPassword("p"));
  const [name, waiting] = [`devices/${device.deviceId}.keys`, `devices/${device.deviceId}.keys.prepared`];
  expect(done(dir)).toEqual([
    "sync .",
    `write ${waiting}.tmp`,
    `sync ${waiting}.tmp`,
    `rename ${waiting}.tmp ${waiting}`,
    "sync devices",
  ]);
  await prepared.commit();
  expect(done(dir)).toEqual([`rename ${waiting} ${name}`, "sync devices"]);
  expect(await loadDevice(store, name, quickPassword("p"))).toMatchObject({ deviceId: device.deviceId });
});
