import { ParsecError, type ParsecErrorOptions } from "@parsec/base";

/**
 * What an operation on device files may refuse (spec 06 §9.7).
 *
 * - `STORAGE_NOT_AVAILABLE`: the configuration folder cannot be reached.
 * - `NO_SPACE_AVAILABLE`: no space left. The old file, if any, is as it was.
 * - `INVALID_PATH`: there is no such file, or it cannot be read or written there.
 * - `INVALID_DATA`: the file is damaged, or is no device file.
 * - `BAD_ACCESS_STRATEGY`: the file has another protection than the one given.
 * - `CIPHERTEXT_KEY_GENERATION_FAILED`: the protection gave something that is no key.
 * - `DECRYPTION_FAILED`: wrong password (or other secret), a second factor is missing, or the file was altered.
 * - `TOTP_DECRYPTION_FAILED`: wrong key of the second factor, or the file has none.
 * - `REMOTE_OPAQUE_KEY_…_OFFLINE`, `…_FAILED`: the service that keeps the key did not answer, or refused.
 * - `KEYRING_ERROR`: the keyring of the system does not give the key.
 * - `NATIVE_MODULE_MISSING`: the protection needs a package that is not installed; the message names it.
 * - `INVALID_PASSPHRASE`: this is no recovery passphrase; some group of letters was mistyped.
 * - `NOT_FOUND`: the file to remove does not exist.
 */
export type DeviceErrorCode =
  | "STORAGE_NOT_AVAILABLE"
  | "NO_SPACE_AVAILABLE"
  | "INVALID_PATH"
  | "INVALID_DATA"
  | "BAD_ACCESS_STRATEGY"
  | "CIPHERTEXT_KEY_GENERATION_FAILED"
  | "DECRYPTION_FAILED"
  | "TOTP_DECRYPTION_FAILED"
  | RemoteOpaqueKeyErrorCode
  | "KEYRING_ERROR"
  | "NATIVE_MODULE_MISSING"
  | "INVALID_PASSPHRASE"
  | "NOT_FOUND";

export type RemoteOpaqueKeyErrorCode =
  | "REMOTE_OPAQUE_KEY_FETCH_OFFLINE"
  | "REMOTE_OPAQUE_KEY_FETCH_FAILED"
  | "REMOTE_OPAQUE_KEY_UPLOAD_OFFLINE"
  | "REMOTE_OPAQUE_KEY_UPLOAD_FAILED";

export type ListDevicesErrorCode = "STORAGE_NOT_AVAILABLE";
export type LoadHeaderErrorCode = "STORAGE_NOT_AVAILABLE" | "INVALID_PATH" | "INVALID_DATA";
export type LoadDeviceErrorCode = Exclude<
  DeviceErrorCode,
  "NO_SPACE_AVAILABLE" | "REMOTE_OPAQUE_KEY_UPLOAD_OFFLINE" | "REMOTE_OPAQUE_KEY_UPLOAD_FAILED" | "INVALID_PASSPHRASE"
>;
export type SaveDeviceErrorCode =
  | "NO_SPACE_AVAILABLE"
  | "INVALID_PATH"
  | "CIPHERTEXT_KEY_GENERATION_FAILED"
  | "KEYRING_ERROR"
  | "NATIVE_MODULE_MISSING"
  | "REMOTE_OPAQUE_KEY_UPLOAD_OFFLINE"
  | "REMOTE_OPAQUE_KEY_UPLOAD_FAILED";
export type RemoveDeviceErrorCode = "STORAGE_NOT_AVAILABLE" | "NOT_FOUND" | "INVALID_PATH";
export type ChangeProtectionErrorCode = LoadDeviceErrorCode | SaveDeviceErrorCode;
export type LoadRecoveryErrorCode = "INVALID_PASSPHRASE" | "INVALID_DATA" | "DECRYPTION_FAILED";

/** See {@link DeviceErrorCode}. */
export class DeviceError<Code extends DeviceErrorCode = DeviceErrorCode> extends ParsecError<Code> {
  override readonly name: string = "DeviceError";
}

/** The file has another protection than the one given, or is for another certificate. */
export class BadAccessStrategyError extends DeviceError<"BAD_ACCESS_STRATEGY"> {
  override readonly name: string = "BadAccessStrategyError";
  readonly what: "type" | "certificate reference";

  constructor(what: "type" | "certificate reference") {
    super("BAD_ACCESS_STRATEGY", `The device file has another ${what} than the protection given: choose the right one`);
    this.what = what;
  }
}

/** The service that keeps the key of a device file. */
export type OpaqueKeyServer = "PARSEC_ACCOUNT" | "OPENBAO";

export class RemoteOpaqueKeyError extends DeviceError<RemoteOpaqueKeyErrorCode> {
  override readonly name: string = "RemoteOpaqueKeyError";
  readonly server: OpaqueKeyServer;

  constructor(code: RemoteOpaqueKeyErrorCode, server: OpaqueKeyServer, options?: ParsecErrorOptions) {
    const name = server === "OPENBAO" ? "The OpenBao server" : "The Parsec account server";
    const what = code.endsWith("OFFLINE") ? "cannot be reached: try again later" : "refused, or answered nonsense";
    super(code, `${name}, which keeps the key of the device file, ${what}`, options);
    this.server = server;
  }
}

/** What a device store may refuse (spec 06 §2.3). */
export type DeviceStoreErrorCode =
  | "STORAGE_NOT_AVAILABLE"
  | "NOT_A_FILE"
  | "INVALID_PARENT"
  | "INVALID_PATH"
  | "PARENT_NOT_FOUND"
  | "CANNOT_EDIT"
  | "NO_SPACE_LEFT"
  | "NOT_FOUND";

/** See {@link DeviceStoreErrorCode}. */
export class DeviceStoreError extends ParsecError<DeviceStoreErrorCode> {
  override readonly name: string = "DeviceStoreError";
  constructor(code: DeviceStoreErrorCode, path: string, options?: ParsecErrorOptions) {
    super(code, `The file ${path} of the configuration folder: ${storeMessages[code]}`, options);
  }
}

const storeMessages: Readonly<Record<DeviceStoreErrorCode, string>> = {
  STORAGE_NOT_AVAILABLE: "the storage cannot be reached",
  NOT_A_FILE: "it is a folder",
  INVALID_PARENT: "something above it is not a folder",
  INVALID_PATH: "its name cannot be used, or access is denied",
  PARENT_NOT_FOUND: "its folder does not exist",
  CANNOT_EDIT: "it cannot be written: check the permissions",
  NO_SPACE_LEFT: "no space is left: free some and try again",
  NOT_FOUND: "it does not exist",
};
