import { type Clock, requireText, systemClock } from "@parsec/base";
import { DateTime, type DeviceFile, dumpDeviceFile, type LocalDevice } from "@parsec/types";
import { requireLocalDevice, requireOptions, requireProtection, requireStore } from "../arguments.ts";
import type { ProtectOptions, SaveStrategy } from "../protection/protection.ts";
import type { DeviceStore } from "../store/port.ts";
import { type AvailableDevice, availableDevice } from "./available-device.ts";
import { devicePath } from "./names.ts";
import { sealDevice } from "./seal.ts";
import { writing } from "./store-errors.ts";

export interface SaveDeviceOptions extends ProtectOptions {
  readonly clock?: Clock | undefined;
  /** Where in the store, instead of the usual place. */
  readonly path?: string | undefined;
}

/**
 * Saves a new device (spec 06 §9.2). A file that is there is replaced.
 * @throws DeviceError with a `SaveDeviceErrorCode`
 */
export async function saveDevice(
  store: DeviceStore,
  device: LocalDevice,
  strategy: SaveStrategy,
  options: SaveDeviceOptions = {},
): Promise<AvailableDevice> {
  requireStore(store);
  requireLocalDevice(device);
  requireProtection("protection", strategy);
  requireOptions(options);
  if (options.path !== undefined) requireText("options.path", options.path, { filled: true });
  const { clock = systemClock, path = devicePath(device.deviceId) } = options;
  const file = await sealDevice(device, strategy, DateTime.now(clock), clock, options);
  return writeDeviceFile(store, path, file);
}

/** @throws DeviceError NO_SPACE_AVAILABLE, INVALID_PATH */
export async function writeDeviceFile(store: DeviceStore, path: string, file: DeviceFile): Promise<AvailableDevice> {
  await writing(store.write(path, dumpDeviceFile(file)));
  return availableDevice(path, file);
}
