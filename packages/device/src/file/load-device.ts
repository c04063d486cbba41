import { requireText } from "@parsec/base";
import type { DeviceId, LocalDevice } from "@parsec/types";
import { requireOptions, requireProtection, requireStore } from "../arguments.ts";
import type { Protection, ProtectOptions } from "../protection/protection.ts";
import type { DeviceStore } from "../store/port.ts";
import { readDeviceFile } from "./available-device.ts";
import { copiesOf, openFirst } from "./copies.ts";
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
  requireStore(store);
  requireText("path", path, { filled: true });
  requireProtection("protection", protection);
  requireOptions(options);
  return openDevice(await readDeviceFile(store, path), protection, options);
}

/**
 * Unlocks a device by whichever of its files the protection opens: copies may have another one. `undefined` when there
 * is no file of it.
 * @throws DeviceError with a `LoadDeviceErrorCode`
 */
export async function unlockDevice(
  store: DeviceStore,
  deviceId: DeviceId,
  protection: Protection,
  options: ProtectOptions = {},
): Promise<LocalDevice | undefined> {
  requireStore(store);
  requireText("deviceId", deviceId, { filled: true });
  requireProtection("protection", protection);
  requireOptions(options);
  const [first, ...others] = await copiesOf(store, deviceId);
  if (first === undefined) return undefined;
  return (await openFirst(store, [first, ...others], protection, options)).device;
}
