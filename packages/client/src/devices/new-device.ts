import { IncreasingClock } from "@parsec/base";
import type { ConnectionError } from "@parsec/connection";
import {
  type DeviceError,
  newDeviceOfUser,
  type PreparedDevice,
  prepareDevice,
  type SaveDeviceErrorCode,
  type SaveStrategy,
} from "@parsec/device";
import type { StorageError } from "@parsec/storage";
import { DeviceLabel, type DeviceLabelError, type LocalDevice } from "@parsec/types";
import { type ClockDriftError, type GreaterTimestampError, UnexpectedReplyError } from "../errors.ts";
import type { ParsecPorts } from "../ports.ts";
import { connectAs } from "./connect-as.ts";
import { registerDevice } from "./register-device.ts";
import { isKnownToServer, setAsideIfRefused } from "./resolve-prepared.ts";

export interface NewDeviceOptions {
  /** Of the new device. */
  readonly deviceLabel: string;
  /** How it is protected here. */
  readonly protection: SaveStrategy;
  readonly signal?: AbortSignal | undefined;
}

/** What {@link makeNewDevice} may throw. */
export type NewDeviceError =
  | DeviceLabelError
  | DeviceError<SaveDeviceErrorCode>
  | StorageError
  | ConnectionError
  | ClockDriftError
  | GreaterTimestampError
  | UnexpectedReplyError;

/**
 * Makes a device of the user in this folder, by another one that is only there for this. Its file is complete on disk
 * before the server is asked, and it is known that databases can be made here (architecture §6).
 * @throws NewDeviceError
 */
export async function makeNewDevice(
  ports: ParsecPorts,
  author: LocalDevice,
  { deviceLabel, protection, signal }: NewDeviceOptions,
): Promise<LocalDevice> {
  const device = newDeviceOfUser(author, DeviceLabel.parse(deviceLabel));
  const { clock, deviceStore, storage } = ports;
  await storage.check();
  const prepared = await prepareDevice(deviceStore, device, protection, { clock, signal });
  await registerPrepared(ports, author, device, prepared, { signal });
  await prepared.commit();
  return device;
}

/**
 * Asks the server for a device whose file waits; it is set aside when the server refuses. Asked for again, one that the
 * server has is no error.
 * @throws ConnectionError, ClockDriftError, GreaterTimestampError, UnexpectedReplyError
 */
export async function registerPrepared(
  ports: ParsecPorts,
  author: LocalDevice,
  device: LocalDevice,
  prepared: PreparedDevice,
  options: { readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const { clock } = ports;
  const registering = { device: author, connection: connectAs(ports, author), clock };
  try {
    await registerDevice({ ...registering, signingClock: new IncreasingClock(clock) }, device, "STANDARD", options);
  } catch (error) {
    const isThere = error instanceof UnexpectedReplyError && error.status === "device_already_exists";
    if (isThere && (await isKnownToServer(ports, device, options))) return;
    await setAsideIfRefused(prepared, error);
    throw error;
  }
}
