import type { LocalDevice } from "@parsec/types";
import type { SaveStrategy } from "../protection/protection.ts";
import type { DeviceStore } from "../store/port.ts";
import type { AvailableDevice } from "./available-device.ts";
import { listDeviceFiles } from "./list-devices.ts";
import { devicePath, preparedExtension, preparedPath } from "./names.ts";
import { type SaveDeviceOptions, saveDevice } from "./save-device.ts";
import { reading, writing } from "./store-errors.ts";

// A device that must not be lost (bootstrap, claim, new device, recovery): its file is complete on disk before the
// request that creates it on the server, and gets its name once the server has said ok. When that reply was lost, the
// next start unlocks the prepared file with `loadDevice`, tries to authenticate with it, and then commits or discards.

/** A device file that waits under another name. */
export interface PreparedDevice {
  /** Its `path` is where it waits. */
  readonly device: AvailableDevice;
  /**
   * The server knows the device: gives the file its name. Idempotent.
   * @throws DeviceError INVALID_PATH, NO_SPACE_AVAILABLE
   */
  commit(): Promise<AvailableDevice>;
  /**
   * The server definitely refused the device: removes the file.
   * @throws DeviceError INVALID_PATH, STORAGE_NOT_AVAILABLE
   */
  discard(): Promise<void>;
}

/**
 * Saves a device that the server does not know yet, apart from the others.
 * @throws DeviceError with a `SaveDeviceErrorCode`
 */
export async function prepareDevice(
  store: DeviceStore,
  device: LocalDevice,
  strategy: SaveStrategy,
  options: Omit<SaveDeviceOptions, "path"> = {},
): Promise<PreparedDevice> {
  const path = preparedPath(device.deviceId);
  return preparedDevice(store, await saveDevice(store, device, strategy, { ...options, path }));
}

/**
 * Devices that were prepared and neither committed nor discarded: the reply was lost, or the process ended.
 * @throws DeviceError STORAGE_NOT_AVAILABLE
 */
export async function listPreparedDevices(store: DeviceStore): Promise<readonly PreparedDevice[]> {
  const devices = await listDeviceFiles(store, preparedExtension);
  return devices.map((device) => preparedDevice(store, device));
}

function preparedDevice(store: DeviceStore, device: AvailableDevice): PreparedDevice {
  const path = devicePath(device.deviceId);
  let committed = false;
  return {
    device,
    commit: async () => {
      if (!committed) await writing(store.rename(device.path, path));
      committed = true;
      return { ...device, path };
    },
    discard: () => reading(store.remove(device.path)),
  };
}
