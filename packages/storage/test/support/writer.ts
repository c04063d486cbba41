import { ParsecError } from "@parsec/base";
import { ready, SecretKey } from "@parsec/crypto";
import { ChunkId, DateTime, DeviceId, newLocalFileManifest, VlobId } from "@parsec/types";
import { openDeviceStorage } from "../../src/index.ts";
import { sqliteDriver } from "../../src/node/sqlite/driver.ts";

// A program that opens a device and then writes until it is killed: versions 1, 2, 3… of one entry, each with a chunk of
// its own that replaces the one before. It says which version is stored.

const [dir = "", device = "", realm = "", entry = "", key = ""] = process.argv.slice(2);
const ids = { deviceId: DeviceId.parse(device), realmId: VlobId.parse(realm), entryId: VlobId.parse(entry) };
const { deviceId, realmId, entryId } = ids;
if (deviceId === undefined || realmId === undefined || entryId === undefined) throw new Error("bad arguments");

await ready();
const owner = { deviceId, userRealmId: realmId, localSymkey: SecretKey.fromBytes(Buffer.from(key, "hex")) };
const storage = await openDeviceStorage(sqliteDriver({ dir }), owner).catch((error: unknown) => {
  console.log(ParsecError.is(error) ? error.code : "unknown error");
  process.exit(1);
});
const store = await storage.openWorkspace(realmId);
console.log("open");

const now = DateTime.fromMicros(1_700_000_000_000_000);
const blank = newLocalFileManifest(deviceId, realmId, now, entryId);
let previous: ChunkId[] = [];
for (let version = (await store.getManifest(entryId))?.base.version ?? 0; ; version += 1) {
  const chunk = { id: ChunkId.generate(), data: new Uint8Array(20_000 + version).fill(version % 251) };
  const view = { id: chunk.id, start: 0, stop: chunk.data.length, rawOffset: 0, rawSize: chunk.data.length };
  const manifest = {
    ...blank,
    base: { ...blank.base, version },
    size: chunk.data.length,
    blocks: [[{ ...view, access: null }]],
  };
  await store.updateManifestAndChunks(manifest, [chunk], previous);
  previous = [chunk.id];
  console.log(`stored ${version}`);
}
