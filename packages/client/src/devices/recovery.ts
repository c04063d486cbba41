import { hasCode, IncreasingClock } from "@parsec/base";
import { AuthenticatedConnection, type ConnectionError } from "@parsec/connection";
import {
  createRecoveryFile,
  type DeviceError,
  type LoadRecoveryErrorCode,
  newDeviceOfUser,
  openRecoveryFile,
  prepareDevice,
  type RecoveryFile,
  type SaveDeviceErrorCode,
  type SaveStrategy,
} from "@parsec/device";
import { DeviceLabel, type DeviceLabelError, type LocalDevice } from "@parsec/types";
import type { ClockDriftError, GreaterTimestampError, UnexpectedReplyError } from "../errors.ts";
import type { ParsecPorts } from "../ports.ts";
import type { SessionContext } from "../session/context.ts";
import { registerDevice } from "./register-device.ts";

export interface RecoveryOptions {
  /** Of the new device. */
  readonly deviceLabel: string;
  /** How it is protected here. */
  readonly protection: SaveStrategy;
  readonly signal?: AbortSignal | undefined;
}

/** What {@link importRecoveryDevice} may throw. */
export type RecoveryError =
  | DeviceLabelError
  | DeviceError<LoadRecoveryErrorCode | SaveDeviceErrorCode>
  | ConnectionError
  | ClockDriftError
  | GreaterTimestampError
  | UnexpectedReplyError;

/**
 * Makes a device for the case that all others are lost, as a file and the passphrase that opens it (spec 06 §10.2).
 * Neither is kept here: they are to be stored apart from one another.
 * @throws AuthoringError, DeviceLabelError
 */
export async function exportRecoveryDevice(
  context: SessionContext,
  deviceLabel: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<RecoveryFile> {
  const device = newDeviceOfUser(context.device, DeviceLabel.parse(deviceLabel));
  const timestamp = await registerDevice(context, device, "PASSPHRASE_RECOVERY", options);
  await context.certificates.require({ common: timestamp }, options);
  return createRecoveryFile(device, { clock: context.clock });
}

/**
 * Makes a new device of the user whose recovery file this is (spec 06 §10.3). Its own file is complete on disk before
 * the server is asked (architecture §6). The recovery file can be used again.
 * @throws RecoveryError
 */
export async function importRecoveryDevice(
  ports: ParsecPorts,
  file: Uint8Array,
  passphrase: string,
  { deviceLabel, protection, signal }: RecoveryOptions,
): Promise<LocalDevice> {
  const recovery = openRecoveryFile(file, passphrase);
  const device = newDeviceOfUser(recovery, DeviceLabel.parse(deviceLabel));
  const { transport, clock, random, diagnostics, deviceStore } = ports;
  const prepared = await prepareDevice(deviceStore, device, protection, { clock, signal });
  const { organizationId, rootVerifyKey, deviceId, signingKey } = recovery;
  const address = { ...recovery.serverUrl, kind: "organization", organizationId, rootVerifyKey } as const;
  const connection = new AuthenticatedConnection({
    transport,
    clock,
    random,
    diagnostics,
    address,
    deviceId,
    signingKey,
  });
  const author = { device: recovery, connection, clock, signingClock: new IncreasingClock(clock) };
  try {
    await registerDevice(author, device, "STANDARD", { signal });
  } catch (error) {
    if (!hasCode(error, ...uncertain) && !(signal?.aborted === true)) await prepared.discard();
    throw error;
  }
  await prepared.commit();
  return device;
}

/** The server may have made the device all the same: its file waits for the next start. */
const uncertain = ["OFFLINE", "BAD_REPLY", "UNEXPECTED_STATUS", "UNEXPECTED_REPLY"] as const;
