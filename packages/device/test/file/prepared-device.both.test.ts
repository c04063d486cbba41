import { encode, LocalDevice } from "@parsec/types";
import { beforeEach, describe, expect, test } from "vitest";
import {
  type DeviceStore,
  DeviceStoreError,
  listDevices,
  listPreparedDevices,
  listRefusedDevices,
  loadDevice,
  loadUnprotected,
  memoryDeviceStore,
  type PreparedDevice,
  prepareDevice,
  prepareUnprotected,
  protectDevice,
  removeDeviceFile,
  saveDevice,
} from "../../src/index.ts";
import { newDevice } from "../support/devices.ts";
import { quickPassword } from "../support/vectors.ts";

const secret = quickPassword("p");
const same = (a: LocalDevice, b: LocalDevice) => expect(encode(LocalDevice, a)).toEqual(encode(LocalDevice, b));

let store: DeviceStore;
let device: LocalDevice;
beforeEach(() => {
  store = memoryDeviceStore();
  device = newDevice();
});

const idsOf = (prepared: readonly PreparedDevice[]) => prepared.map((it) => it.device.deviceId);

/** How many devices are ready, waiting and refused. */
async function counts(): Promise<readonly number[]> {
  const lists = [listDevices(store), listPreparedDevices(store), listRefusedDevices(store)];
  return (await Promise.all(lists)).map((list) => list.length);
}

describe("a prepared device", () => {
  test("is not listed until it is committed", async () => {
    const prepared = await prepareDevice(store, device, secret);
    expect(await counts()).toEqual([0, 1, 0]);
    const committed = await prepared.commit();
    expect(await prepared.commit()).toEqual(committed);
    expect(await listDevices(store)).toEqual([committed]);
    expect(await counts()).toEqual([1, 0, 0]);
    same(await loadDevice(store, committed.path, secret), device);
  });

  test("outlives the process, and opens", async () => {
    const second = newDevice();
    await prepareDevice(store, device, quickPassword("one"));
    await prepareDevice(store, second, quickPassword("two"));
    const waiting = await listPreparedDevices(store);
    expect(new Set(idsOf(waiting))).toEqual(new Set([device.deviceId, second.deviceId]));
    const one = waiting.find((it) => it.device.deviceId === device.deviceId);
    if (one === undefined) throw new Error("not listed");
    same(await loadDevice(store, one.device.path, quickPassword("one")), device);
    await one.commit();
    expect(idsOf(await listPreparedDevices(store))).toEqual([second.deviceId]);
  });

  test("that the server refused is set aside: listed, whole, and still to be committed", async () => {
    const prepared = await prepareDevice(store, device, secret);
    const aside = await prepared.setAside();
    expect(await prepared.setAside()).toEqual(aside);
    expect(await counts()).toEqual([0, 0, 1]);
    const [refused] = await listRefusedDevices(store);
    expect(refused?.device).toEqual(aside);
    same(await loadDevice(store, aside.path, secret), device);
    expect(await refused?.setAside()).toEqual(aside);
    await refused?.commit();
    expect(await counts()).toEqual([1, 0, 0]);
  });

  test("that nobody was asked for is discarded; a refused one is removed on demand", async () => {
    await (await prepareDevice(store, device, secret)).discard();
    expect(await counts()).toEqual([0, 0, 0]);
    const { path } = await (await prepareDevice(store, device, secret)).setAside();
    await removeDeviceFile(store, path);
    expect(await counts()).toEqual([0, 0, 0]);
  });

  test("a copy of the waiting file is not another device", async () => {
    const prepared = await prepareDevice(store, device, secret);
    const { path } = prepared.device;
    await store.write(path.replace(".keys", " (1).keys"), await store.read(path));
    expect(await counts()).toEqual([0, 1, 0]);
  });
});

describe("a device that was prepared before a protection was chosen", () => {
  const keyFiles = () => store.list("devices", "key");

  test("has its key beside it until it is protected, and no longer", async () => {
    const prepared = await prepareUnprotected(store, device);
    expect(await keyFiles()).toHaveLength(1);
    same(await loadUnprotected(store, prepared.path), device);
    const { path } = await prepared.commit();
    same(await loadUnprotected(store, path), device);
    await protectDevice(store, path, secret);
    expect(await keyFiles()).toEqual([]);
    same(await loadDevice(store, path, secret), device);
    await expect(loadUnprotected(store, path)).rejects.toMatchObject({ code: "BAD_ACCESS_STRATEGY" });
  });

  test("takes its key along when it is removed", async () => {
    const { path } = await (await prepareUnprotected(store, device)).setAside();
    await removeDeviceFile(store, path);
    expect([await counts(), await keyFiles()]).toEqual([[0, 0, 0], []]);
  });
});

describe.each(["commit", "setAside"] as const)("the first %s fails", (move) => {
  /** The store fails once, before or after the rename was done. */
  function failingOnce(when: "before" | "after"): DeviceStore {
    let failures = 1;
    return {
      ...store,
      rename: async (from, to) => {
        if (when === "after") await store.rename(from, to);
        if (failures > 0) {
          failures -= 1;
          throw new DeviceStoreError("NO_SPACE_LEFT", from);
        }
        if (when === "before") await store.rename(from, to);
      },
    };
  }

  test.each(["before", "after"] as const)("%s the rename: the second succeeds", async (when) => {
    const written: string[] = [];
    const failing = failingOnce(when);
    const prepared = await prepareDevice(
      { ...failing, write: (path, content) => (written.push(path), store.write(path, content)) },
      device,
      secret,
    );
    await expect(prepared[move]()).rejects.toMatchObject({ code: "NO_SPACE_AVAILABLE" });
    const { path } = await prepared[move]();
    expect(await counts()).toEqual(move === "commit" ? [1, 0, 0] : [0, 0, 1]);
    same(await loadDevice(store, path, secret), device);
    // A rename of which nobody knows whether it is on disk is made sure of.
    expect(written).toEqual(when === "after" ? [prepared.device.path, path] : [prepared.device.path]);
  });
});

test("another device's file in its place is not taken for it", async () => {
  const prepared = await prepareDevice(store, device, secret);
  const { path } = await saveDevice(store, newDevice(), secret, { path: `devices/${device.deviceId}.keys` });
  await store.remove(prepared.path);
  await expect(prepared.commit()).rejects.toMatchObject({ name: "DeviceError" });
  expect(prepared.path).not.toBe(path);
});

test("a store that cannot be read does not pass for one where the file has its name", async () => {
  const prepared = await prepareDevice(store, device, secret);
  const broken: DeviceStore = {
    ...store,
    read: async (path) => Promise.reject(new DeviceStoreError("INVALID_PATH", path)),
  };
  const [waiting] = await listPreparedDevices(store);
  expect(waiting?.device).toEqual(prepared.device);
  const other = await prepareDevice(broken, device, secret);
  await expect(other.commit()).rejects.toMatchObject({ name: "DeviceError", code: "INVALID_PATH" });
  expect(await counts()).toEqual([0, 1, 0]);
});
