import { type Clock, hasCode } from "@parsec/base";
import type { SecretKey } from "@parsec/crypto";
import { DateTime, type DeviceFile, type LocalDevice, openLocalDevice, sealLocalDevice } from "@parsec/types";
import { DeviceError } from "../errors.ts";
import { newKeyOf, openKeyOf, type Protection, type ProtectOptions, type TotpKey } from "../protection/protection.ts";

/** What every device file says in clear. */
export function headerOf(device: LocalDevice, createdOn: DateTime, protectedOn: DateTime) {
  const { serverUrl, organizationId, userId, deviceId, humanHandle, deviceLabel } = device;
  return { createdOn, protectedOn, serverUrl, organizationId, userId, deviceId, humanHandle, deviceLabel };
}

/**
 * A device file for the device, under a new key of the protection (spec 06 §7).
 * @throws DeviceError with a `SaveDeviceErrorCode`
 */
export async function sealDevice(
  device: LocalDevice,
  protection: Protection,
  createdOn: DateTime,
  clock: Clock,
  options: ProtectOptions,
): Promise<DeviceFile> {
  const { key, fields } = await newKeyOf(protection, options);
  const inner = sealLocalDevice(key, device);
  return {
    ...headerOf(device, createdOn, DateTime.now(clock)),
    ...fields,
    ciphertext: protection.totp === undefined ? inner : protection.totp.key.encrypt(inner),
    totpOpaqueKeyId: protection.totp?.opaqueKeyId ?? null,
  };
}

/**
 * The device in a device file (spec 06 §7). What the file says in clear is not authenticated: use the device's own values.
 * @throws DeviceError with a `LoadDeviceErrorCode`
 */
export async function openDevice(
  file: DeviceFile,
  protection: Protection,
  options: ProtectOptions,
): Promise<LocalDevice> {
  const key = await openKeyOf(protection, file, options);
  const inner = protection.totp === undefined ? file.ciphertext : peelTotp(file.ciphertext, protection.totp);
  return openWithKey(inner, key);
}

/** @throws DeviceError DECRYPTION_FAILED, INVALID_DATA */
export function openWithKey(ciphertext: Uint8Array, key: SecretKey): LocalDevice {
  try {
    return openLocalDevice(ciphertext, key);
  } catch (cause) {
    if (hasCode(cause, "DECRYPTION", "NONCE")) {
      throw new DeviceError(
        "DECRYPTION_FAILED",
        "The device cannot be unlocked: the secret is wrong, a second factor is missing, or the file was altered",
        { cause },
      );
    }
    if (!hasCode(cause, "BAD_SERIALIZATION", "DATA_INTEGRITY")) throw cause;
    throw invalidData("The device file opens, but does not hold a device", cause);
  }
}

/** The second factor is the outer layer: it is peeled first. */
function peelTotp(ciphertext: Uint8Array, { key }: TotpKey): Uint8Array {
  try {
    return key.decrypt(ciphertext);
  } catch (cause) {
    if (!hasCode(cause, "DECRYPTION", "NONCE")) throw cause;
    throw new DeviceError(
      "TOTP_DECRYPTION_FAILED",
      "The key of the second factor does not open the device file: it is another device's, or this file has none",
      { cause },
    );
  }
}

export function invalidData(message: string, cause: unknown): DeviceError {
  return new DeviceError("INVALID_DATA", message, { cause });
}
