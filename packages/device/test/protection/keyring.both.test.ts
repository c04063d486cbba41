import { utf8 } from "@parsec/base";
import { expect, test } from "vitest";
import {
  type KeyringBackend,
  keyring,
  loadDevice,
  memoryDeviceStore,
  memoryKeyring,
  saveDevice,
} from "../../src/index.ts";
import { newDevice } from "../support/devices.ts";

function setUp() {
  const backend = memoryKeyring();
  const userStore = memoryDeviceStore();
  return { backend, userStore, store: memoryDeviceStore(), protection: keyring({ backend, userStore }) };
}

async function userOf({ store }: ReturnType<typeof setUp>, path: string): Promise<string> {
  const text = new TextDecoder("latin1").decode(await store.read(path));
  return /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/.exec(text)?.[0] ?? "";
}

test("all devices share one key, under the name in keyring_user.txt", async () => {
  const set = setUp();
  const [one, two] = [newDevice(), newDevice()];
  const first = await saveDevice(set.store, one, set.protection);
  const second = await saveDevice(set.store, two, set.protection);
  const user = await userOf(set, first.path);
  expect(await userOf(set, second.path)).toBe(user);
  expect(await set.userStore.read("keyring_user.txt")).toEqual(utf8(user));
  expect(await set.backend.get("parsec", user)).toMatch(/^([A-Z2-7]{4}-){12}[A-Z2-7]{4}$/);
});

test.each([
  ["the entry is gone", "someone-else"],
  ["a trailing newline is part of the name", "\n"],
])("%s: a new key for new devices, the old ones still open", async (_, appended) => {
  const set = setUp();
  const old = await saveDevice(set.store, newDevice(), set.protection);
  const name = await userOf(set, old.path);
  await set.userStore.write("keyring_user.txt", utf8(appended === "\n" ? `${name}\n` : appended));
  const fresh = await saveDevice(set.store, newDevice(), set.protection);
  expect(await userOf(set, fresh.path)).not.toBe(name);
  for (const { path } of [old, fresh]) {
    expect(await loadDevice(set.store, path, set.protection)).toMatchObject({ type: "local_device" });
  }
});

test("a keyring that does not keep what it is given: nothing is written", async () => {
  const set = setUp();
  const cut: KeyringBackend = {
    ...set.backend,
    set: (service, user, text) => set.backend.set(service, user, text.slice(1)),
  };
  const protection = keyring({ backend: cut, userStore: set.userStore });
  await expect(saveDevice(set.store, newDevice(), protection)).rejects.toMatchObject({ code: "KEYRING_ERROR" });
  expect(await set.store.list("devices", "keys")).toEqual([]);
  await expect(set.userStore.read("keyring_user.txt")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a secret that is no key", async () => {
  const set = setUp();
  const { path } = await saveDevice(set.store, newDevice(), set.protection);
  await set.backend.set("parsec", await userOf(set, path), "hunter2");
  await expect(loadDevice(set.store, path, set.protection)).rejects.toMatchObject({
    code: "CIPHERTEXT_KEY_GENERATION_FAILED",
  });
  // The next save makes a new key rather than failing.
  await saveDevice(set.store, newDevice(), set.protection);
});
