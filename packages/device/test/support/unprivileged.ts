import { ready } from "@parsec/crypto";
import { archiveDevice, loadDevice, removeDeviceFile, saveDevice } from "../../src/index.ts";
import { fileDeviceStore } from "../../src/node/file-store.ts";
import { newDevice } from "./devices.ts";
import { quickPassword } from "./vectors.ts";

// A program that gives root's rights away and tries what it then may not do, by the store and by the operations. Nobody
// may read the file, nor write the folder.

const [dir = ""] = process.argv.slice(2);
// Before: what is loaded later may lie where only root may read.
await ready();
if (process.getuid?.() === 0) {
  process.setgid?.(65_534);
  process.setuid?.(65_534);
}
const store = fileDeviceStore(dir);
const path = "devices/a.keys";
const protection = quickPassword("p");
const code = (work: Promise<unknown>) =>
  work.then(
    () => "ok",
    (error: { code: string }) => error.code,
  );
console.log(
  JSON.stringify({
    read: await code(store.read(path)),
    write: await code(store.write(path, Uint8Array.of(1))),
    remove: await code(store.remove(path)),
    loadDevice: await code(loadDevice(store, path, protection)),
    saveDevice: await code(saveDevice(store, newDevice(), protection)),
    archiveDevice: await code(archiveDevice(store, path)),
    removeDeviceFile: await code(removeDeviceFile(store, path)),
  }),
);
