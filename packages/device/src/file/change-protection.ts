import { type Clock, requireText, systemClock } from "@parsec/base";
import { type LocalDevice, type ServerAddress, toServerAddress } from "@parsec/types";
import { requireAddress, requireOptions, requireProtection, requireStore } from "../arguments.ts";
import type { Protection, ProtectOptions, SaveStrategy } from "../protection/protection.ts";
import type { DeviceStore } from "../store/port.ts";
import { type AvailableDevice, readDeviceFile } from "./available-device.ts";
import { copiesOf, openFirst, removeAll } from "./copies.ts";
import { writeDeviceFile } from "./save-device.ts";
import { sealDevice } from "./seal.ts";

export interface ChangeOptions extends ProtectOptions {
  readonly clock?: Clock | undefined;
}

/**
 * Protects a device otherwise, at the same place (spec 06 §9.4). The date of creation stays. Also how a second factor
 * is added or taken away. Until it is done the old protection holds; afterwards only the new one does: other files of the
 * same device are removed.
 * @throws DeviceError with a `ChangeProtectionErrorCode`
 */
export async function changeProtection(
  store: DeviceStore,
  path: string,
  current: Protection,
  next: SaveStrategy,
  options: ChangeOptions = {},
): Promise<AvailableDevice> {
  requireProtection("current", current);
  requireProtection("next", next);
  const { available } = await saveAgain(store, path, current, next, (device) => device, options);
  return available;
}

/**
 * Moves a device to another address of its server (spec 06 §9.5). Gives the old address.
 * @throws DeviceError with a `ChangeProtectionErrorCode`
 */
export async function overwriteServerAddress(
  store: DeviceStore,
  path: string,
  protection: Protection,
  address: ServerAddress,
  options: ChangeOptions = {},
): Promise<ServerAddress> {
  requireProtection("protection", protection);
  requireAddress(address);
  const serverUrl = toServerAddress(address);
  const move = (device: LocalDevice): LocalDevice => ({ ...device, serverUrl });
  const { previous } = await saveAgain(store, path, protection, protection, move, options);
  return previous.serverUrl;
}

/**
 * Opens the file at `path`, or else a copy of it, and writes it anew at `path`. Copies go first, so that whenever this is
 * cut off the same call again succeeds; the one that was opened goes last.
 */
async function saveAgain(
  store: DeviceStore,
  path: string,
  current: Protection,
  next: Protection,
  change: (device: LocalDevice) => LocalDevice,
  options: ChangeOptions,
): Promise<{ readonly previous: LocalDevice; readonly available: AvailableDevice }> {
  requireStore(store);
  requireText("path", path, { filled: true });
  requireOptions(options);
  const { deviceId } = await readDeviceFile(store, path);
  const copies = await copiesOf(store, deviceId, { except: path });
  const opened = await openFirst(store, [path, ...copies], current, options);
  const { createdOn } = opened.file;
  const sealed = await sealDevice(change(opened.device), next, createdOn, options.clock ?? systemClock, options);
  const isOpened = (copy: string) => copy === opened.path;
  await removeAll(
    store,
    copies.filter((copy) => !isOpened(copy)),
  );
  const available = await writeDeviceFile(store, path, sealed);
  await removeAll(store, copies.filter(isOpened));
  return { previous: opened.device, available };
}
