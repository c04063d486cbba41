import { type LocalDevice, serverAddress } from "@parsec/types";
import { beforeEach, describe, expect, test } from "vitest";
import {
  archiveDevice,
  changeProtection,
  type DeviceStore,
  DeviceStoreError,
  listDevices,
  loadDevice,
  memoryDeviceStore,
  overwriteServerAddress,
  type Protection,
  removeDeviceFile,
  saveDevice,
  unlockDevice,
} from "../../src/index.ts";
import { newDevice } from "../support/devices.ts";
import { protections, quickPassword } from "../support/vectors.ts";

const [old, newer, next] = [quickPassword("old"), quickPassword("newer"), quickPassword("next")];

let store: DeviceStore;
let device: LocalDevice;
let path: string;
let copy: string;

/** One device, twice: the password was changed on one machine while the folder was out of step. */
beforeEach(async () => {
  store = memoryDeviceStore();
  device = newDevice();
  ({ path } = await saveDevice(store, device, old));
  copy = path.replace(".keys", " (conflicted copy).keys");
  await saveDevice(store, device, newer, { path: copy });
});

const idOf = async (protection: Protection) => (await unlockDevice(store, device.deviceId, protection))?.deviceId;
const files = async () => [...(await store.list("devices", "keys"))];

describe("a second file of the same device", () => {
  test("is one device in the list", async () => {
    expect(await listDevices(store)).toHaveLength(1);
  });

  test("either password opens, another does not", async () => {
    expect([await idOf(old), await idOf(newer)]).toEqual([device.deviceId, device.deviceId]);
    await expect(idOf(next)).rejects.toMatchObject({ code: "DECRYPTION_FAILED" });
  });

  test.each(["first", "second"])(
    "of another kind, tried %s: the reason is that of the kind that was given",
    async (which) => {
      const [first = "", second = ""] = await files();
      const [other, kept] = which === "first" ? [first, second] : [second, first];
      await saveDevice(store, device, protections.keyring(), { path: other });
      await saveDevice(store, device, newer, { path: kept });
      await expect(idOf(next)).rejects.toMatchObject({ code: "DECRYPTION_FAILED" });
      await expect(idOf(protections.account_vault())).rejects.toMatchObject({ code: "BAD_ACCESS_STRATEGY" });
    },
  );

  test("that is damaged does not keep the other from opening", async () => {
    const bytes = await store.read(path);
    await store.write(path, bytes.subarray(0, bytes.length - 1));
    expect(await idOf(newer)).toBe(device.deviceId);
  });

  test("another device's file is none of it", async () => {
    const other = newDevice();
    await saveDevice(store, other, next);
    await expect(idOf(next)).rejects.toMatchObject({ code: "DECRYPTION_FAILED" });
    await removeDeviceFile(store, path);
    expect(await listDevices(store)).toMatchObject([{ deviceId: other.deviceId }]);
    expect(await unlockDevice(store, device.deviceId, old)).toBeUndefined();
  });

  test("an abort ends the trying", async () => {
    const signal = AbortSignal.abort(new Error("never mind"));
    await expect(unlockDevice(store, device.deviceId, newer, { signal })).rejects.toThrow("never mind");
  });

  test.each([
    ["first", old],
    ["second", newer],
  ])("the protection is changed by the password of the %s, and no stale file is left", async (_which, current) => {
    await changeProtection(store, path, current, next);
    expect(await files()).toEqual([path]);
    expect(await idOf(next)).toBe(device.deviceId);
    for (const stale of [old, newer]) await expect(idOf(stale)).rejects.toMatchObject({ code: "DECRYPTION_FAILED" });
  });

  test("a change by a wrong password touches neither", async () => {
    await expect(changeProtection(store, path, next, next)).rejects.toMatchObject({ code: "DECRYPTION_FAILED" });
    expect([await idOf(old), await idOf(newer)]).toEqual([device.deviceId, device.deviceId]);
  });

  test("does not keep the old address of the server", async () => {
    const moved = serverAddress("moved.example.com");
    await overwriteServerAddress(store, path, newer, moved);
    expect(await files()).toEqual([path]);
    expect((await loadDevice(store, path, newer)).serverUrl).toEqual(moved);
  });

  test("is removed and set aside with the first", async () => {
    await archiveDevice(store, path);
    expect(await files()).toEqual([]);
    expect(await store.list("devices", "archived")).toHaveLength(2);
    await saveDevice(store, device, old);
    await saveDevice(store, device, newer, { path: copy });
    await store.write(`${path}.0badcafe.tmp`, await store.read(path));
    await removeDeviceFile(store, path);
    expect([await files(), await store.list("devices", "tmp")]).toEqual([[], []]);
  });
});

describe.each([
  ["first", old],
  ["second", newer],
])("a change by the password of the %s, whatever fails", (_which, current) => {
  /** Fails at the given write or removal, once. */
  function failingAt(step: number): { readonly failing: DeviceStore; readonly steps: () => number } {
    let steps = 0;
    const counted = async <T>(work: () => Promise<T>): Promise<T> => {
      steps += 1;
      if (steps === step) throw new DeviceStoreError("STORAGE_NOT_AVAILABLE", "x");
      return work();
    };
    const failing: DeviceStore = {
      ...store,
      write: (to, content) => counted(() => store.write(to, content)),
      remove: (of) => counted(() => store.remove(of)),
    };
    return { failing, steps: () => steps };
  }

  test.each([1, 2])("at step %i leaves a file that opens, and the same call again succeeds", async (step) => {
    const { failing } = failingAt(step);
    await expect(changeProtection(failing, path, current, next)).rejects.toMatchObject({ name: "DeviceError" });
    expect(await idOf(current)).toBe(device.deviceId);
    await changeProtection(store, path, current, next);
    expect(await files()).toEqual([path]);
    expect(await idOf(next)).toBe(device.deviceId);
  });

  test("has no further step", async () => {
    const { failing, steps } = failingAt(3);
    await changeProtection(failing, path, current, next);
    expect(steps()).toBe(2);
  });
});
