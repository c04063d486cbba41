import { IncreasingClock } from "@parsec/base";
import { AuthenticatedConnection, type ConnectionError } from "@parsec/connection";
import {
  type DeviceError,
  newDeviceOfUser,
  prepareDevice,
  type SaveDeviceErrorCode,
  type SaveStrategy,
} from "@parsec/device";
import type { StorageError } from "@parsec/storage";
import { DeviceLabel, type DeviceLabelError, type LocalDevice } from "@parsec/types";
import type { ClockDriftError, GreaterTimestampError, UnexpectedReplyError } from "../errors.ts";
import type { ParsecPorts } from "../ports.ts";
import { registerDevice } from "./register-device.ts";
import { setAsideIfRefused } from "./resolve-prepared.ts";

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
  const { transport, clock, random, diagnostics, deviceStore, storage } = ports;
  await storage.check();
  const prepared = await prepareDevice(deviceStore, device, protection, { clock, signal });
  const { organizationId, rootVerifyKey, deviceId, signingKey } = author;
  const address = { ...author.serverUrl, kind: "organization", organizationId, rootVerifyKey } as const;
  const connection = new AuthenticatedConnection({
    transport,
    clock,
    random,
    diagnostics,
    address,
    deviceId,
    signingKey,
  });
  try {
    const signingClock = new IncreasingClock(clock);
    await registerDevice({ device: author, connection, clock, signingClock }, device, "STANDARD", { signal });
  } catch (error) {
    await setAsideIfRefused(prepared, error);
    throw error;
  }
  await prepared.commit();
  return device;
}
