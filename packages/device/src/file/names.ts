import type { DeviceId } from "@parsec/types";

// Names below the configuration folder (spec 06 §2.2). The name of a device file tells nothing: readers accept any.

export const devicesFolder = "devices";
export const deviceExtension = "keys";
/** Ours: a device file that is complete, of a device that the server may not know yet. Other clients ignore it. */
export const preparedExtension = "prepared";
/** Ours: the same, after the server has said that it does not know the device. */
export const refusedExtension = "refused";
/** What a write that was cut off has left. */
export const temporaryExtension = "tmp";

export function devicePath(deviceId: DeviceId): string {
  return `${devicesFolder}/${deviceId}.${deviceExtension}`;
}

export function preparedPath(deviceId: DeviceId): string {
  return `${devicePath(deviceId)}.${preparedExtension}`;
}

export function refusedPath(deviceId: DeviceId): string {
  return `${devicePath(deviceId)}.${refusedExtension}`;
}

export function archivedPath(path: string): string {
  return `${path}.archived`;
}
