import type { LocalDevice } from "@parsec/types";
import { requireLocalDevice, requireOptions, requireProtection, requireStore } from "../arguments.ts";
import { DeviceStoreError } from "../errors.ts";
import { ownKey, ownKeyPath } from "../protection/own-key.ts";
import type { SaveStrategy } from "../protection/protection.ts";
import type { DeviceStore } from "../store/port.ts";
import { type AvailableDevice, parseDeviceFile } from "./available-device.ts";
import { changeProtection } from "./change-protection.ts";
import { removeAll } from "./copies.ts";
import { firstOfEach, listDeviceFiles, loadAvailableDevice } from "./list-devices.ts";
import { loadDevice } from "./load-device.ts";
import { devicePath, preparedExtension, preparedPath, refusedExtension, refusedPath } from "./names.ts";
import { type SaveDeviceOptions, saveDevice } from "./save-device.ts";
import { reading, writing } from "./store-errors.ts";

// A device that must not be lost (bootstrap, claim, new device, recovery): its file is complete on disk before the
// request that creates it on the server, and gets its name once the server has said ok. When that reply was lost, the
// next start unlocks the prepared file with `loadDevice`, tries to authenticate with it, and then commits it. A device
// that the server does not know is set aside and stays listed: servers are restored from backups, and may be mistaken.

/** A device file that waits under another name. */
export interface PreparedDevice {
  /** As it was found or made; its `path` is where it waited then. */
  readonly device: AvailableDevice;
  /** Where the file is now. */
  readonly path: string;
  /**
   * The server knows the device: gives the file its name. Idempotent, and may be called again after an error.
   * @throws DeviceError INVALID_PATH, NO_SPACE_AVAILABLE, STORAGE_NOT_AVAILABLE
   */
  commit(): Promise<AvailableDevice>;
  /**
   * The server itself has refused the device: the file is kept, among those of {@link listRefusedDevices}. Idempotent.
   * @throws DeviceError INVALID_PATH, NO_SPACE_AVAILABLE, STORAGE_NOT_AVAILABLE
   */
  setAside(): Promise<AvailableDevice>;
  /**
   * Nobody was ever asked to create the device: removes the file.
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
  requireLocalDevice(device);
  requireOptions(options);
  const path = preparedPath(device.deviceId);
  return preparedDevice(store, await saveDevice(store, device, strategy, { ...options, path }));
}

/**
 * The same before a protection was chosen: under a key of its own, which lies beside it.
 * @throws DeviceError NO_SPACE_AVAILABLE, INVALID_PATH
 */
export async function prepareUnprotected(
  store: DeviceStore,
  device: LocalDevice,
  options: Omit<SaveDeviceOptions, "path"> = {},
): Promise<PreparedDevice> {
  requireStore(store);
  requireLocalDevice(device);
  requireOptions(options);
  return prepareDevice(store, device, ownKey(store, device.deviceId), options);
}

/**
 * Loads a device that has a key of its own, as it waits for a protection.
 * @throws DeviceError with a `LoadDeviceErrorCode`
 */
export async function loadUnprotected(store: DeviceStore, path: string): Promise<LocalDevice> {
  const { deviceId } = await loadAvailableDevice(store, path);
  return loadDevice(store, path, ownKey(store, deviceId));
}

/**
 * Gives a device file that has a key of its own a protection, and takes the key away. Its place stays.
 * @throws DeviceError with a `ChangeProtectionErrorCode`
 */
export async function protectDevice(
  store: DeviceStore,
  path: string,
  strategy: SaveStrategy,
  options: Omit<SaveDeviceOptions, "path"> = {},
): Promise<AvailableDevice> {
  requireProtection("protection", strategy);
  requireOptions(options);
  const { deviceId } = await loadAvailableDevice(store, path);
  const available = await changeProtection(store, path, ownKey(store, deviceId), strategy, options);
  await removeAll(store, [ownKeyPath(deviceId)]);
  return available;
}

/**
 * Devices that were prepared and neither committed nor set aside: the reply was lost, or the process ended.
 * @throws DeviceError STORAGE_NOT_AVAILABLE
 */
export async function listPreparedDevices(store: DeviceStore): Promise<readonly PreparedDevice[]> {
  return listWaiting(store, preparedExtension);
}

/**
 * Devices that were set aside. They can still be committed.
 * @throws DeviceError STORAGE_NOT_AVAILABLE
 */
export async function listRefusedDevices(store: DeviceStore): Promise<readonly PreparedDevice[]> {
  return listWaiting(store, refusedExtension);
}

async function listWaiting(store: DeviceStore, extension: string): Promise<readonly PreparedDevice[]> {
  requireStore(store);
  const devices = firstOfEach(await listDeviceFiles(store, extension));
  return devices.map((device) => preparedDevice(store, device));
}

function preparedDevice(store: DeviceStore, device: AvailableDevice): PreparedDevice {
  let place = device.path;
  const moveTo = async (path: string): Promise<AvailableDevice> => {
    const current = { ...device, path: place };
    if (place !== path && !(await isMoved(store, current, path))) await writing(store.rename(place, path));
    place = path;
    return { ...device, path };
  };
  return {
    device,
    get path() {
      return place;
    },
    commit: () => moveTo(devicePath(device.deviceId)),
    setAside: () => moveTo(refusedPath(device.deviceId)),
    discard: () => reading(store.remove(place)),
  };
}

/**
 * Whether an earlier call has renamed the file: perhaps without seeing the new name safe on disk, so it is written
 * there once more.
 */
async function isMoved(store: DeviceStore, { path: from, deviceId }: AvailableDevice, to: string): Promise<boolean> {
  const [old, moved] = await Promise.all([readIfThere(store, from), readIfThere(store, to)]);
  if (old !== undefined || moved === undefined || parseDeviceFile(moved).deviceId !== deviceId) return false;
  await writing(store.write(to, moved));
  return true;
}

function readIfThere(store: DeviceStore, path: string): Promise<Uint8Array | undefined> {
  return reading(
    store.read(path).catch((error: unknown) => {
      if (error instanceof DeviceStoreError && error.code === "NOT_FOUND") return undefined;
      throw error;
    }),
  );
}
