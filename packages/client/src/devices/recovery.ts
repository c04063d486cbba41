import { orAbort, requireFunction, requireText } from "@parsec/base";
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
import { ClientError } from "../errors.ts";
import type { ParsecPorts } from "../ports.ts";
import { throwIfClosed } from "../session/closed.ts";
import type { SessionContext } from "../session/context.ts";
import { makeNewDevice, type NewDeviceError, type NewDeviceOptions } from "./new-device.ts";
import { ensureRegistered, registerDevice } from "./register-device.ts";

export type RecoveryOptions = NewDeviceOptions;

/** What {@link importRecoveryDevice} may throw. */
export type RecoveryError = NewDeviceError | DeviceError<LoadRecoveryErrorCode>;

export interface ExportRecoveryOptions {
  /**
   * Keeps the file and the passphrase, apart from one another, before the server is asked to create the device: else
   * they are lost with a lost reply. When it fails nobody was asked.
   */
  readonly save?: ((file: RecoveryFile) => void | Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a device for the case that all others are lost, as a file and the passphrase that opens it (spec 06 §10.2).
 * Neither is kept here. The file is complete before the server is asked.
 * @throws AuthoringError, DeviceLabelError; what `save` throws
 */
export async function exportRecoveryDevice(
  context: SessionContext,
  deviceLabel: string,
  options: ExportRecoveryOptions = {},
): Promise<RecoveryFile> {
  throwIfClosed(context);
  requireText("deviceLabel", deviceLabel);
  requireOptions(options);
  const { save, signal } = options;
  if (save !== undefined) requireFunction("options.save", save);
  const device = newDeviceOfUser(context.device, DeviceLabel.parse(deviceLabel));
  const file = createRecoveryFile(device, { clock: context.clock });
  await orAbort(Promise.resolve(save?.(file)), signal);
  const timestamp = await registerDevice(context, device, "PASSPHRASE_RECOVERY", { signal });
  await context.certificates.require({ common: timestamp }, { signal });
  return file;
}

/**
 * Makes sure that the server has the device of a recovery file whose export had no answer.
 * @throws AuthoringError; DeviceError with a `LoadRecoveryErrorCode`; ClientError RECOVERY_FILE_OF_OTHER_USER
 */
export async function confirmRecoveryDevice(
  context: SessionContext,
  bytes: Uint8Array,
  passphrase: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  throwIfClosed(context);
  requireOptions(options);
  const device = openRecoveryFile(bytes, passphrase);
  const { organizationId, userId } = context.device;
  if (device.organizationId !== organizationId || device.userId !== userId) {
    throw new ClientError("RECOVERY_FILE_OF_OTHER_USER");
  }
  await ensureRegistered(context, device, "PASSPHRASE_RECOVERY", options);
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
