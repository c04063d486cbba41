import { requireText } from "@parsec/base";
import {
  createRecoveryFile,
  type DeviceError,
  type LoadRecoveryErrorCode,
  newDeviceOfUser,
  openRecoveryFile,
  type RecoveryFile,
} from "@parsec/device";
import { DeviceLabel, type LocalDevice } from "@parsec/types";
import { requireOptions } from "../arguments.ts";
import type { ParsecPorts } from "../ports.ts";
import { type SessionContext, throwIfClosed } from "../session/context.ts";
import { makeNewDevice, type NewDeviceError, type NewDeviceOptions } from "./new-device.ts";
import { registerDevice } from "./register-device.ts";

export type RecoveryOptions = NewDeviceOptions;

/** What {@link importRecoveryDevice} may throw. */
export type RecoveryError = NewDeviceError | DeviceError<LoadRecoveryErrorCode>;

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
  throwIfClosed(context);
  requireText("deviceLabel", deviceLabel);
  requireOptions(options);
  const device = newDeviceOfUser(context.device, DeviceLabel.parse(deviceLabel));
  const timestamp = await registerDevice(context, device, "PASSPHRASE_RECOVERY", options);
  await context.certificates.require({ common: timestamp }, options);
  return createRecoveryFile(device, { clock: context.clock });
}

/**
 * Makes a new device of the user whose recovery file this is (spec 06 §10.3). The recovery file can be used again.
 * @throws RecoveryError
 */
export async function importRecoveryDevice(
  ports: ParsecPorts,
  file: Uint8Array,
  passphrase: string,
  options: RecoveryOptions,
): Promise<LocalDevice> {
  return makeNewDevice(ports, openRecoveryFile(file, passphrase), options);
}
