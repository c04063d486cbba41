import { ParsecError, requireText } from "@parsec/base";
import type { DeviceId } from "@parsec/types";
import { requireStore } from "../arguments.ts";
import type { DeviceStore } from "../store/port.ts";
import { type AvailableDevice, availableDevice, readDeviceFile } from "./available-device.ts";
import { deviceExtension, devicesFolder } from "./names.ts";
import { reading } from "./store-errors.ts";

/**
 * The devices of a store, in the order of their paths (spec 06 §9.1). Files that cannot be read are passed over; of
 * several files of one device the first counts. Recovery files are listed too.
 * @throws DeviceError STORAGE_NOT_AVAILABLE
 */
export async function listDevices(store: DeviceStore): Promise<readonly AvailableDevice[]> {
  requireStore(store);
  return firstOfEach(await listDeviceFiles(store, deviceExtension));
}

/** Each device once. */
export function firstOfEach<T extends Pick<AvailableDevice, "deviceId">>(devices: readonly T[]): readonly T[] {
  const seen = new Set<DeviceId>();
  return devices.filter(({ deviceId }) => {
    const isNew = !seen.has(deviceId);
    seen.add(deviceId);
    return isNew;
  });
}

/** The readable device files with that extension, copies of one device included. */
export async function listDeviceFiles(store: DeviceStore, extension: string): Promise<AvailableDevice[]> {
  const devices: AvailableDevice[] = [];
  for (const path of await reading(store.list(devicesFolder, extension))) {
    const device = await loadAvailableDevice(store, path).catch((error: unknown) => {
      if (ParsecError.is(error)) return undefined;
      throw error;
    });
    if (device !== undefined) devices.push(device);
  }
  return devices;
}

/**
 * What the device file at `path` tells without being unlocked.
 * @throws DeviceError STORAGE_NOT_AVAILABLE, INVALID_PATH, INVALID_DATA
 */
export async function loadAvailableDevice(store: DeviceStore, path: string): Promise<AvailableDevice> {
  requireStore(store);
  requireText("path", path, { filled: true });
  return availableDevice(path, await readDeviceFile(store, path));
}
