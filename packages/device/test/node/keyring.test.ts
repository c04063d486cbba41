import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  isKeyringAvailable,
  keyring,
  loadDevice,
  memoryDeviceStore,
  memoryKeyring,
  saveDevice,
} from "../../src/index.ts";
import { bundleProgram } from "../support/bundle.ts";
import { newDevice } from "../support/devices.ts";
import { temporaryFolder } from "../support/folder.ts";

const user = "f0bcaff1-24f6-4505-8b57-17a4656708cf";

function isInstalled(...programs: readonly string[]): boolean {
  try {
    for (const program of programs) execFileSync("sh", ["-c", `command -v ${program}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const hasSecretService = isInstalled("dbus-run-session", "gnome-keyring-daemon", "secret-tool");

/** Runs a program on a session bus of its own, with an empty unlocked keyring if `daemon` says so. */
async function onSessionBus(program: string, daemon: boolean): Promise<unknown> {
  const home = await temporaryFolder();
  const folders = { HOME: home, XDG_DATA_HOME: join(home, "data"), XDG_RUNTIME_DIR: join(home, "run") };
  mkdirSync(folders.XDG_RUNTIME_DIR, { mode: 0o700 });
  const unlock = daemon ? "printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null;" : "";
  const script = `${unlock} exec "$0" "$1" "$2"`;
  const output = execFileSync("dbus-run-session", ["--", "sh", "-c", script, process.execPath, program, user], {
    env: { PATH: process.env["PATH"], ...folders },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(output);
}

describe(`the keyring of the system: ${hasSecretService ? "a Secret Service on a session bus" : "in memory"}`, () => {
  test("what we store is found by others, and what others store by us", { timeout: 30_000 }, async () => {
    const program = await bundleProgram("keyring-session");
    try {
      const seen = hasSecretService ? await onSessionBus(program, true) : await inMemory();
      expect(seen).toEqual({
        isAvailable: true,
        lookupShowsOurKey: true,
        ourDeviceOpens: true,
        theirItemOpens: true,
        missing: "KEYRING_ERROR",
      });
    } finally {
      await rm(program, { force: true });
    }
  });

  test("without a keyring: said so, and a typed error that writes nothing", { timeout: 30_000 }, async () => {
    const backend = {
      get: () => Promise.reject(new Error("no service")),
      set: () => Promise.reject(new Error("no service")),
    };
    const store = memoryDeviceStore();
    const userStore = memoryDeviceStore();
    expect(await isKeyringAvailable(backend)).toBe(false);
    const saving = saveDevice(store, newDevice(), keyring({ backend, userStore }));
    await expect(saving).rejects.toMatchObject({ code: "KEYRING_ERROR" });
    expect(await store.list("devices", "keys")).toEqual([]);
    await expect(userStore.read("keyring_user.txt")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});

/** The same story with a keyring in memory. */
async function inMemory(): Promise<unknown> {
  const backend = memoryKeyring();
  const [store, userStore] = [memoryDeviceStore(), memoryDeviceStore()];
  const protection = keyring({ backend, userStore });
  const device = newDevice();
  const { path } = await saveDevice(store, device, protection);
  const name = new TextDecoder().decode(await userStore.read("keyring_user.txt"));
  const { key } = await protection.createKey({});
  await backend.set("parsec", user, key.toRecoveryPassphrase());
  const open = (keyringUser: string) => {
    const fields = { type: "keyring", keyringService: "parsec", keyringUser } as const;
    const asOther = { ...protection, createKey: async () => ({ key, fields }) };
    return saveDevice(store, device, asOther).then((saved) => loadDevice(store, saved.path, protection));
  };
  return {
    isAvailable: await isKeyringAvailable(backend),
    lookupShowsOurKey: (await backend.get("parsec", name)) === key.toRecoveryPassphrase(),
    ourDeviceOpens: (await loadDevice(store, path, protection)).deviceId === device.deviceId,
    theirItemOpens: (await open(user)).deviceId === device.deviceId,
    missing: await open("nobody").then(
      () => "found",
      (error: { code: string }) => error.code,
    ),
  };
}
