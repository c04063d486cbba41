import { fileDeviceStore } from "../../src/node/file-store.ts";

// A program that replaces one file again and again, until it is killed: 1,000 to 9,999 times the same digit.

const [dir = ""] = process.argv.slice(2);
const store = fileDeviceStore(dir);
console.log("started");
for (let round = 0; ; round += 1) {
  await store.write("devices/a.keys", new Uint8Array(1000 + (round % 9000)).fill(48 + (round % 10)));
}
