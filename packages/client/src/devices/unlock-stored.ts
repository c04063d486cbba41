import {
  type AvailableDevice,
  listDevices,
  listPreparedDevices,
  listRefusedDevices,
  type PreparedDevice,
  type Protection,
  unlockDevice,
} from "@parsec/device";
import type { DeviceId, LocalDevice } from "@parsec/types";
import { ClientError } from "../errors.ts";
import type { ParsecPorts } from "../ports.ts";

/**
 * Unlocks a device of this folder, one whose creation was never confirmed too, once the server says that it has it.
 * @throws LoginError
 */
export async function unlockStored(
  ports: ParsecPorts,
  deviceId: DeviceId,
  protection: Protection,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<LocalDevice> {
  const { deviceStore } = ports;
  const unlocked = await unlockDevice(deviceStore, deviceId, protection, options);
  if (unlocked !== undefined) return unlocked;
  const waiting = [...(await listPreparedDevices(deviceStore)), ...(await listRefusedDevices(deviceStore))];
  const prepared = waiting.find(({ device }) => device.deviceId === deviceId);
  if (prepared === undefined) throw new ClientError("DEVICE_NOT_FOUND");
  if (prepared.device.protection.type === "none") throw new ClientError("DEVICE_UNPROTECTED");
  const { resolvePrepared } = await import("./resolve-prepared.ts");
  const resolved = await resolvePrepared(ports, prepared, protection, options);
  if (resolved === undefined) throw new ClientError("DEVICE_REFUSED");
  return resolved;
}

/** Programs that keep folders in step may bring back a file that had got its name. */
export async function notReady(
  { deviceStore }: ParsecPorts,
  waiting: readonly PreparedDevice[],
): Promise<readonly AvailableDevice[]> {
  const ready = new Set((await listDevices(deviceStore)).map(({ deviceId }) => deviceId));
  return waiting.map(({ device }) => device).filter(({ deviceId }) => !ready.has(deviceId));
}
