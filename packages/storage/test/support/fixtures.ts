import { SettableClock } from "@parsec/base";
import { ready, SecretKey } from "@parsec/crypto";
import {
  ChunkId,
  DateTime,
  DeviceId,
  type LocalFileManifest,
  type LocalFolderManifest,
  newLocalFileManifest,
  newLocalRootManifest,
  VlobId,
} from "@parsec/types";
import { memoryDriver, openDeviceStorage, type StorageDriver, type StorageOwner } from "../../src/index.ts";

await ready();

export const now = DateTime.fromMicros(1_700_000_000_000_000);
export const realmId = VlobId.generate();
export const author = DeviceId.generate();

export function newOwner(): StorageOwner {
  return { deviceId: DeviceId.generate(), userRealmId: VlobId.generate(), localSymkey: SecretKey.generate() };
}

/** A file of that id, as this device would know it after synchronising `version`. */
export function fileManifest(id: VlobId, version: number, needSync: boolean): LocalFileManifest {
  const manifest = newLocalFileManifest(author, realmId, now, id);
  return { ...manifest, needSync, base: { ...manifest.base, version } };
}

export function rootManifest(): LocalFolderManifest {
  return newLocalRootManifest(author, realmId, now, { speculative: false });
}

export function newChunk(size: number) {
  return { id: ChunkId.generate(), data: crypto.getRandomValues(new Uint8Array(size)) };
}

/** A workspace of a new device, its driver, its clock, and how to stop and start again. */
export async function startWorkspace(options: { driver?: StorageDriver; blockCacheSize?: number } = {}) {
  const { driver = memoryDriver(), ...limits } = options;
  const owner = newOwner();
  const clock = new SettableClock(now);
  const open = async () => {
    const storage = await openDeviceStorage(driver, owner, { clock });
    return { storage, store: await storage.openWorkspace(realmId, limits) };
  };
  return { ...(await open()), driver, owner, clock, open };
}
