import { hasCode, requireText } from "@parsec/base";
import type { DeviceId } from "@parsec/types";
import { requireStore } from "../arguments.ts";
import { DeviceError } from "../errors.ts";
import { ownKeyPath } from "../protection/own-key.ts";
import type { DeviceStore } from "../store/port.ts";
import { readDeviceFile } from "./available-device.ts";
import { copiesOf, removeAll } from "./copies.ts";
import { archivedPath, deviceExtension, preparedExtension, refusedExtension, temporaryExtension } from "./names.ts";
import { reading, writing } from "./store-errors.ts";

/**
 * Sets a device file aside, with its copies: the device is listed no more, and can be renamed back by hand
 * (spec 06 §9.6). Gives the new path.
 * @throws DeviceError NO_SPACE_AVAILABLE, INVALID_PATH
 */
export async function archiveDevice(store: DeviceStore, path: string): Promise<string> {
  requireStore(store);
  requireText("path", path, { filled: true });
  for (const copy of await otherFiles(store, path, [deviceExtension])) {
    await writing(store.rename(copy, archivedPath(copy)));
  }
  const archived = archivedPath(path);
  await writing(store.rename(path, archived));
  return archived;
}

/**
 * Removes a device file, for ever, with its copies; only what was archived stays. The device's local data is the
 * storage's to remove, afterwards.
 * @throws DeviceError STORAGE_NOT_AVAILABLE, NOT_FOUND, INVALID_PATH
 */
export async function removeDeviceFile(store: DeviceStore, path: string): Promise<void> {
  requireStore(store);
  requireText("path", path, { filled: true });
  // The others first: as long as `path` is there, the same call again finds them.
  await removeAll(store, await otherFiles(store, path, removedExtensions));
  await removeAll(store, await ownKeyOf(store, path));
  await reading(
    store.remove(path).catch((cause: unknown) => {
      if (!hasCode(cause, "NOT_FOUND")) throw cause;
      throw new DeviceError("NOT_FOUND", "The device file to remove does not exist", { cause });
    }),
  );
}

const removedExtensions = [deviceExtension, preparedExtension, refusedExtension, temporaryExtension] as const;

/** Other files of the device at `path`; none when that one cannot be read. */
async function otherFiles(store: DeviceStore, path: string, extensions: readonly string[]): Promise<string[]> {
  const deviceId = await deviceOf(store, path);
  if (deviceId === undefined) return [];
  const found = await Promise.all(
    extensions.map((extension) => copiesOf(store, deviceId, { extension, except: path })),
  );
  return found.flat();
}

async function ownKeyOf(store: DeviceStore, path: string): Promise<string[]> {
  const deviceId = await deviceOf(store, path);
  return deviceId === undefined ? [] : [ownKeyPath(deviceId)];
}

async function deviceOf(store: DeviceStore, path: string): Promise<DeviceId | undefined> {
  try {
    return (await readDeviceFile(store, path)).deviceId;
  } catch (error) {
    if (hasCode(error, "INVALID_DATA", "INVALID_PATH")) return undefined;
    throw error;
  }
}
