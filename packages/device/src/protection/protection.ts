import { orAbort, throwIfAborted } from "@parsec/base";
import type { SecretKey } from "@parsec/crypto";
import type {
  DeviceFile,
  DeviceFileAccountVault,
  DeviceFileKeyring,
  DeviceFileOpenBao,
  DeviceFilePassword,
  DeviceFilePki,
  DeviceFileRecovery,
  TotpOpaqueKeyId,
} from "@parsec/types";
import { BadAccessStrategyError } from "../errors.ts";

export interface ProtectOptions {
  /** An abort rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** The kinds of device files that a protection makes and opens. A recovery file is opened by its passphrase only. */
export type ProtectionType = Exclude<DeviceFile["type"], "recovery">;

/** What a protection writes into a device file, besides the header and the ciphertext. */
export type ProtectionFields =
  | Pick<DeviceFilePassword, "type" | "algorithm">
  | Pick<DeviceFileKeyring, "type" | "keyringService" | "keyringUser">
  | Pick<DeviceFilePki, "type" | "certificateRef" | "algorithm" | "encryptedKey">
  | Pick<DeviceFileAccountVault, "type" | "ciphertextKeyId">
  | Pick<DeviceFileOpenBao, "type" | "openbaoPreferredAuthId" | "openbaoEntityId" | "openbaoCiphertextKeyPath">;

/** What of a device file tells where its key comes from. */
export type ProtectedFile = ProtectionFields | Pick<DeviceFileRecovery, "type">;

/** A new key, and how the file says where it comes from. */
export interface NewKey {
  readonly key: SecretKey;
  readonly fields: ProtectionFields;
}

/** The key of the second factor: the server gives it for a one-time password (spec 06 §11). */
export interface TotpKey {
  readonly opaqueKeyId: TotpOpaqueKeyId;
  readonly key: SecretKey;
}

/**
 * One way to unlock a device, with the secret or the service that it needs: `password("…")`, `keyring()`… The same
 * object saves, loads and changes.
 */
export interface Protection {
  readonly type: ProtectionType;
  /** Whether a device so protected can be unlocked without any network (spec 06 §14). */
  readonly offlineLogin: boolean;
  /** Given when the device has, or gets, a second factor: see `withTotp`. */
  readonly totp?: TotpKey | undefined;
  /**
   * A key for one save.
   * @throws DeviceError with a `SaveDeviceErrorCode`
   */
  createKey(options: ProtectOptions): Promise<NewKey>;
  /**
   * The key of an existing file.
   * @throws DeviceError with a `LoadDeviceErrorCode`
   */
  openKey(file: ProtectedFile, options: ProtectOptions): Promise<SecretKey>;
}

/** A new key of a protection. An abort settles at once, whatever stands behind: a card, a keyring, a service. */
export function newKeyOf(protection: Protection, options: ProtectOptions): Promise<NewKey> {
  return abortable(options, () => protection.createKey(options));
}

/** The key of an existing file, likewise. */
export function openKeyOf(protection: Protection, file: ProtectedFile, options: ProtectOptions): Promise<SecretKey> {
  return abortable(options, () => protection.openKey(file, options));
}

async function abortable<T>({ signal }: ProtectOptions, work: () => Promise<T>): Promise<T> {
  throwIfAborted(signal);
  return orAbort(work(), signal);
}

/** How to protect a device that is saved. */
export type SaveStrategy = Protection;

type FieldsOf<T extends ProtectionType> = Extract<ProtectionFields, { readonly type: T }>;

/** @throws BadAccessStrategyError when the file has another protection */
export function expectType<const T extends ProtectionType>(file: ProtectedFile, type: T): FieldsOf<T> {
  if (isOfType(file, type)) return file;
  throw new BadAccessStrategyError("type");
}

function isOfType<T extends ProtectionType>(file: ProtectedFile, type: T): file is FieldsOf<T> {
  return file.type === type;
}
