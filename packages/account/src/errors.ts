import { ParsecError, type ParsecErrorOptions } from "@parsec/base";
import type { ConnectionError } from "@parsec/connection";
import type { CryptoMemoryError, DataSizeError } from "@parsec/crypto";
import type { DateTime } from "@parsec/types";

/** What each refusal means and what to do about it. */
const messages = {
  AUTH_METHOD_ALREADY_DISABLED: "This authentication method is disabled already",
  AUTH_METHOD_ALREADY_EXISTS: "This password or master secret is in use, or was once: choose another",
  AUTH_METHOD_NOT_FOUND: "The account has no such authentication method",
  BAD_PASSWORD_ALGORITHM:
    "The server asks for a derivation of the password that is too weak, or that this machine cannot do: do not log in",
  BAD_VAULT_KEY_ACCESS: "The key of the vault does not open with this authentication method",
  CORRUPTED_OPAQUE_KEY: "The key in the vault is corrupted, or was put in the place of another",
  CORRUPTED_REGISTRATION_DEVICE:
    "The registration device in the vault is corrupted, or was put in the place of another",
  CORRUPTED_VAULT_ITEM: "The vault has an item that does not open: the rotation would lose it",
  EMAIL_RECIPIENT_REFUSED: "The mail server refuses this e-mail address: check it",
  EMAIL_SENDING_RATE_LIMITED: "Too many e-mails were asked for: wait before the next one",
  EMAIL_SERVER_UNAVAILABLE: "The server cannot send e-mails now: try again later",
  INVALID_CREDENTIALS: "The e-mail address or the password is wrong, or there is no such account",
  INVALID_VALIDATION_CODE: "The code is wrong: type the one of the last e-mail",
  LOGGED_OUT: "The account is logged out: log in again",
  NO_PREVIOUS_VAULT: "No previous vault opens with this password or master secret",
  REGISTRATION_DEVICE_ALREADY_EXISTS: "The vault has a registration device of this user already",
  SELF_DISABLE_NOT_ALLOWED: "The authentication method in use cannot be disabled: log in with another one",
  SEND_VALIDATION_EMAIL_REQUIRED:
    "The code has expired, was tried too often, or was never sent: ask for another e-mail",
  UNKNOWN_OPAQUE_KEY:
    "The vault does not have the key: it may be in the vault of another account, or in a previous one",
  UNKNOWN_REGISTRATION_DEVICE: "The vault has no registration device of this user",
  VAULT_CHANGED: "Other devices keep adding to the vault: try again",
} as const;

/** Why an operation on an account was refused. Unless it says otherwise, nothing was changed. */
export type AccountErrorCode = keyof typeof messages;

/** See {@link AccountErrorCode}. Holds no password, code or key. */
export class AccountError<Code extends AccountErrorCode = AccountErrorCode> extends ParsecError<Code> {
  override readonly name: string = "AccountError";
  constructor(code: Code, options?: ParsecErrorOptions) {
    super(code, messages[code], options);
  }
}

/** The server sends no e-mail before `waitUntil`, which may have passed when it is read. */
export class EmailRateLimitedError extends AccountError<"EMAIL_SENDING_RATE_LIMITED"> {
  override readonly name: string = "EmailRateLimitedError";
  readonly waitUntil: DateTime;

  constructor(waitUntil: DateTime) {
    super("EMAIL_SENDING_RATE_LIMITED");
    this.waitUntil = waitUntil;
  }
}

/** Of everything that asks for an e-mail with a code. */
export type SendCodeError =
  | AccountError<"EMAIL_RECIPIENT_REFUSED" | "EMAIL_SERVER_UNAVAILABLE">
  | EmailRateLimitedError
  | ConnectionError;

/** Of everything that such a code is typed for. */
export type CodeError = AccountError<"INVALID_VALIDATION_CODE" | "SEND_VALIDATION_EMAIL_REQUIRED"> | ConnectionError;

/** Of a new password: no memory left for the derivation. */
export type NewPasswordError = DataSizeError | CryptoMemoryError;

/** Of the creation and of the recovery of an account. */
export type NewAccountError = AccountError<"AUTH_METHOD_ALREADY_EXISTS"> | CodeError | NewPasswordError;

export type LogInError =
  | AccountError<"BAD_PASSWORD_ALGORITHM" | "INVALID_CREDENTIALS">
  | ConnectionError
  | CryptoMemoryError;

/**
 * Of every operation of an account that is logged in. `BAD_AUTHENTICATION` of the connection means that the password
 * was changed elsewhere, or the account deleted: log in again.
 */
export type LoggedInError = AccountError<"LOGGED_OUT"> | ConnectionError;

/** Of every operation that opens the vault. */
export type VaultError = AccountError<"BAD_VAULT_KEY_ACCESS"> | LoggedInError;

export type FetchKeyError = AccountError<"CORRUPTED_OPAQUE_KEY" | "UNKNOWN_OPAQUE_KEY"> | VaultError;

export type FetchRegistrationDeviceError =
  | AccountError<"CORRUPTED_REGISTRATION_DEVICE" | "UNKNOWN_REGISTRATION_DEVICE">
  | VaultError;

export type UploadRegistrationDeviceError = AccountError<"REGISTRATION_DEVICE_ALREADY_EXISTS"> | VaultError;

/** Of a change of password, and of another way to log in. */
export type NewAuthMethodError = AccountError<"AUTH_METHOD_ALREADY_EXISTS"> | NewPasswordError | VaultError;

export type DisableAuthMethodError =
  | AccountError<"AUTH_METHOD_ALREADY_DISABLED" | "AUTH_METHOD_NOT_FOUND" | "SELF_DISABLE_NOT_ALLOWED">
  | LoggedInError;

export type RotateKeyError = AccountError<"CORRUPTED_VAULT_ITEM" | "VAULT_CHANGED"> | NewAuthMethodError;

export type RestoreVaultError =
  | AccountError<"BAD_PASSWORD_ALGORITHM" | "NO_PREVIOUS_VAULT">
  | CryptoMemoryError
  | VaultError;
