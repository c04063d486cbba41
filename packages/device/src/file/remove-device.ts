import { hasCode } from "@parsec/base";
import { DeviceError } from "../errors.ts";
import type { DeviceStore } from "../store/port.ts";
import { archivedPath } from "./names.ts";
import { reading, writing } from "./store-errors.ts";

/**
 * Sets a device file aside: it is listed no more, and can be renamed back by hand (spec 06 §9.6). Gives the new path.
 * @throws DeviceError NO_SPACE_AVAILABLE, INVALID_PATH
 */
export async function archiveDevice(store: DeviceStore, path: string): Promise<string> {
  const archived = archivedPath(path);
  await writing(store.rename(path, archived));
  return archived;
}

/**
 * Removes a device file, for ever. The device's local data is the storage's to remove, afterwards.
 * @throws DeviceError STORAGE_NOT_AVAILABLE, NOT_FOUND, INVALID_PATH
 */
export async function removeDeviceFile(store: DeviceStore, path: string): Promise<void> {
  await reading(
    store.remove(path).catch((cause: unknown) => {
      if (!hasCode(cause, "NOT_FOUND")) throw cause;
      throw new DeviceError("NOT_FOUND", "The device file to remove does not exist", { cause });
    }),
  );
}
