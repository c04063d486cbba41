import type { LocalDevice } from "@parsec/types";
import type { Protection, ProtectOptions } from "../protection/protection.ts";
import type { DeviceStore } from "../store/port.ts";
import { readDeviceFile } from "./available-device.ts";
import { openDevice } from "./seal.ts";

/**
 * Unlocks the device file at `path` (spec 06 §9.3).
 * @throws DeviceError with a `LoadDeviceErrorCode`
 */
export async function loadDevice(
  store: DeviceStore,
  path: string,
  protection: Protection,
  options: ProtectOptions = {},
): Promise<LocalDevice> {
  return openDevice(await readDeviceFile(store, path), protection, options);
}
