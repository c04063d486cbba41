import { execFileSync } from "node:child_process";
import { ParsecError } from "@parsec/base";
import { ready, SecretKey } from "@parsec/crypto";
import { isKeyringAvailable, keyring, loadDevice, memoryDeviceStore, saveDevice } from "../../src/index.ts";
import { newDevice } from "./devices.ts";

// A program for a session bus with a Secret Service: works with its keyring, and tells what `secret-tool` sees of it.

await ready();
const [user = ""] = process.argv.slice(2);
const userStore = memoryDeviceStore();
const protection = keyring({ userStore });
const store = memoryDeviceStore();
const secretTool = (args: readonly string[], input = "") =>
  execFileSync("secret-tool", args, { input, encoding: "utf8" });

const isAvailable = await isKeyringAvailable();

// What we store.
const device = newDevice();
const { path } = await saveDevice(store, device, protection);
const ours = new TextDecoder().decode(await userStore.read("keyring_user.txt"));
const looked = secretTool(["lookup", "service", "parsec", "username", ours, "target", "default"]);
const key = (await protection.createKey({})).key.toRecoveryPassphrase();
const loaded = await loadDevice(store, path, protection);

// What another program stored, with the attributes of the reference.
const theirs = SecretKey.generate();
const attributes = ["service", "parsec", "username", user, "target", "default", "application", "rust-keyring"];
secretTool(["store", "--label=test", ...attributes], theirs.toRecoveryPassphrase());
const fields = { type: "keyring", keyringService: "parsec", keyringUser: user } as const;
const saved = await saveDevice(store, device, { ...protection, createKey: async () => ({ key: theirs, fields }) });
const opened = await loadDevice(store, saved.path, protection);

// What is not there.
const nobody = { ...fields, keyringUser: "00000000-0000-4000-8000-000000000000" };
const lost = await saveDevice(store, device, {
  ...protection,
  createKey: async () => ({ key: theirs, fields: nobody }),
});
const missing = await loadDevice(store, lost.path, protection).catch((error: unknown) => codeOf(error));

console.log(
  JSON.stringify({
    isAvailable,
    lookupShowsOurKey: looked === key,
    ourDeviceOpens: loaded.deviceId === device.deviceId,
    theirItemOpens: opened.deviceId === device.deviceId,
    missing,
  }),
);

function codeOf(error: unknown): string {
  return ParsecError.is(error) ? error.code : String(error);
}
