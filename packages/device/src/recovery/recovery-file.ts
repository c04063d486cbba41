import { type Clock, hasCode, requireBytes, requireText, systemClock } from "@parsec/base";
import { SecretKey, SigningKey } from "@parsec/crypto";
import { DateTime, DeviceId, type DeviceLabel, dumpDeviceFile, type LocalDevice, sealLocalDevice } from "@parsec/types";
import { requireLocalDevice, requireOptions } from "../arguments.ts";
import { DeviceError } from "../errors.ts";
import { parseDeviceFile } from "../file/available-device.ts";
import { headerOf, invalidData, openWithKey } from "../file/seal.ts";

export interface RecoveryFile {
  /** 13 groups of 4 letters and digits, to write down and keep apart from the file. */
  readonly passphrase: string;
  /** To be kept as a file, usually with the extension `psrk`. */
  readonly bytes: Uint8Array;
}

/**
 * A recovery file of a device made for this (see {@link newDeviceOfUser}) and registered with the purpose
 * `PASSPHRASE_RECOVERY` (spec 06 §10.2).
 */
export function createRecoveryFile(device: LocalDevice, options: { clock?: Clock | undefined } = {}): RecoveryFile {
  requireLocalDevice(device);
  requireOptions(options);
  const key = SecretKey.generate();
  const now = DateTime.now(options.clock ?? systemClock);
  const ciphertext = sealLocalDevice(key, device);
  const bytes = dumpDeviceFile({ type: "recovery", ...headerOf(device, now, now), ciphertext });
  return { passphrase: key.toRecoveryPassphrase(), bytes };
}

/**
 * The recovery device in a recovery file: it is there to register a new device, not to be used as one
 * (spec 06 §10.3). The passphrase forgives case, separators, and `0` or `1` typed for `O` or `I`.
 * @throws DeviceError with a `LoadRecoveryErrorCode`
 */
export function openRecoveryFile(bytes: Uint8Array, passphrase: string): LocalDevice {
  requireBytes("bytes", bytes);
  requireText("passphrase", passphrase);
  const key = keyOfPassphrase(passphrase);
  const file = parseDeviceFile(bytes);
  if (file.type !== "recovery") throw invalidData("The file is a device file, but no recovery file", undefined);
  return openWithKey(file.ciphertext, key);
}

function keyOfPassphrase(passphrase: string): SecretKey {
  try {
    return SecretKey.fromRecoveryPassphrase(passphrase);
  } catch (cause) {
    if (!hasCode(cause, "KEY_SIZE")) throw cause;
    throw new DeviceError("INVALID_PASSPHRASE", "This is no recovery passphrase: check each group of four", { cause });
  }
}

/**
 * Another device of the same user: own id, own signing key, own key for its local data (spec 06 §10.2). It exists once
 * it is registered with the server.
 */
export function newDeviceOfUser(device: LocalDevice, deviceLabel: DeviceLabel): LocalDevice {
  requireLocalDevice(device);
  requireText("deviceLabel", deviceLabel, { filled: true });
  return {
    ...device,
    deviceId: DeviceId.generate(),
    deviceLabel,
    signingKey: SigningKey.generate(),
    localSymkey: SecretKey.generate(),
  };
}
