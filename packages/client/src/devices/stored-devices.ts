import { requireObject, requireText } from "@parsec/base";
import {
  type AvailableDevice,
  archiveDevice,
  changeProtection,
  fetchTotpKey,
  listDevices,
  overwriteServerAddress,
  type Protection,
  removeDeviceFile,
  type SaveStrategy,
  type TotpKey,
  withTotp,
} from "@parsec/device";
import type { DeviceId, ServerAddress } from "@parsec/types";
import { requireOptions, requireProtection } from "../arguments.ts";
import { ClientError } from "../errors.ts";
import type { ParsecPorts } from "../ports.ts";
import { serverAddressOf } from "../server-config/server-config.ts";
import { connectAnonymously } from "./connect-as.ts";

// What is done to devices that are not logged in, without opening a session.

export interface StoredDeviceOptions {
  readonly signal?: AbortSignal | undefined;
}

function requireStored(device: AvailableDevice): void {
  requireObject("device", device);
  requireText("device.path", device.path, { filled: true });
  requireText("device.deviceId", device.deviceId, { filled: true });
}

export async function archiveStored({ deviceStore }: ParsecPorts, device: AvailableDevice): Promise<string> {
  requireStored(device);
  return archiveDevice(deviceStore, device.path);
}

export async function protectAnew(
  { deviceStore, clock }: ParsecPorts,
  device: AvailableDevice,
  current: Protection,
  next: SaveStrategy,
  options: StoredDeviceOptions,
): Promise<AvailableDevice> {
  requireStored(device);
  requireOptions(options);
  return changeProtection(deviceStore, device.path, current, next, { clock, signal: options.signal });
}

/** The same protection, with the second factor around it. */
export async function addTotp(
  ports: ParsecPorts,
  device: AvailableDevice,
  protection: Protection,
  key: TotpKey,
  options: StoredDeviceOptions,
): Promise<AvailableDevice> {
  requireProtection(protection);
  return protectAnew(ports, device, protection, withTotp(protection, key), options);
}

/** The same protection, without the second factor. */
export async function removeTotp(
  ports: ParsecPorts,
  device: AvailableDevice,
  protection: Protection,
  options: StoredDeviceOptions,
): Promise<AvailableDevice> {
  requireProtection(protection);
  const { type, offlineLogin } = protection;
  const without: SaveStrategy = {
    type,
    offlineLogin,
    createKey: (given) => protection.createKey(given),
    openKey: (file, given) => protection.openKey(file, given),
  };
  return protectAnew(ports, device, protection, without, options);
}

export async function moveServer(
  { deviceStore, clock }: ParsecPorts,
  device: AvailableDevice,
  protection: Protection,
  address: string | ServerAddress,
  options: StoredDeviceOptions,
): Promise<ServerAddress> {
  requireStored(device);
  requireOptions(options);
  const changing = { clock, signal: options.signal };
  return overwriteServerAddress(deviceStore, device.path, protection, serverAddressOf(address), changing);
}

/** Asks for the key of a device's second factor. */
export async function fetchSecondFactor(
  ports: ParsecPorts,
  device: AvailableDevice,
  code: string,
  options: StoredDeviceOptions,
): Promise<TotpKey> {
  requireStored(device);
  const { userId, organizationId, totpOpaqueKeyId, serverAddress } = device;
  if (totpOpaqueKeyId === null) throw new ClientError("NO_SECOND_FACTOR");
  const address = { ...serverAddress, kind: "async_enrollment", organizationId } as const;
  return fetchTotpKey(connectAnonymously(ports, address), { userId, totpOpaqueKeyId }, code, options);
}

/** Resolves once nobody works with the device: not this process, and no other one. */
export async function waitAvailable(
  { storage, deviceStore }: ParsecPorts,
  deviceId: DeviceId,
  options: StoredDeviceOptions,
): Promise<void> {
  requireText("deviceId", deviceId, { filled: true });
  requireOptions(options);
  const devices = await listDevices(deviceStore);
  if (devices.every((device) => device.deviceId !== deviceId)) throw new ClientError("DEVICE_NOT_FOUND");
  const taken = await storage.openDevice(deviceId, { wait: true, signal: options.signal });
  await taken.close();
}

/** What a device keeps here but its file. */
export async function removeStoredData({ storage }: ParsecPorts, device: AvailableDevice): Promise<void> {
  requireStored(device);
  await storage.removeDevice(device.deviceId);
}

/** A device, all copies of its file, and unless they are to be kept, its data. */
export async function removeStored(
  { storage, deviceStore }: ParsecPorts,
  device: AvailableDevice,
  keepData: boolean,
): Promise<void> {
  requireStored(device);
  const { deviceId, path } = device;
  if (!keepData) {
    // The data first: a device in use refuses, and keeps its file.
    await storage.removeDevice(deviceId);
    await removeDeviceFile(deviceStore, path);
    return;
  }
  const taken = await storage.openDevice(deviceId);
  try {
    await removeDeviceFile(deviceStore, path);
  } finally {
    await taken.close();
  }
}
