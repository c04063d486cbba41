import { fileDeviceStore } from "../../src/node/file-store.ts";

// A program that gives root's rights away and tries what it then may not do. The file belongs to root, mode 0600.

const [dir = ""] = process.argv.slice(2);
if (process.getuid?.() === 0) {
  process.setgid?.(65_534);
  process.setuid?.(65_534);
}
const store = fileDeviceStore(dir);
const code = (work: Promise<unknown>) =>
  work.then(
    () => "ok",
    (error: { code: string }) => error.code,
  );
console.log(
  JSON.stringify({
    read: await code(store.read("devices/a.keys")),
    write: await code(store.write("devices/a.keys", Uint8Array.of(1))),
    remove: await code(store.remove("devices/a.keys")),
  }),
);
