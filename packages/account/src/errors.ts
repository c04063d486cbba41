import { ParsecError, type ParsecErrorOptions } from "@parsec/base";
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

/** The codes that sending a validation e-mail may give. */
export type SendCodeErrorCode = "EMAIL_RECIPIENT_REFUSED" | "EMAIL_SENDING_RATE_LIMITED" | "EMAIL_SERVER_UNAVAILABLE";
/** The codes that an operation with a validation code may give. */
export type ValidationErrorCode = "INVALID_VALIDATION_CODE" | "SEND_VALIDATION_EMAIL_REQUIRED";
/** The codes that creating or recovering an account may give. */
export type NewAccountErrorCode = ValidationErrorCode | "AUTH_METHOD_ALREADY_EXISTS";
export type LogInErrorCode = "BAD_PASSWORD_ALGORITHM" | "INVALID_CREDENTIALS";

/** See {@link AccountErrorCode}. Holds no password, code or key. */
export class AccountError<Code extends AccountErrorCode = AccountErrorCode> extends ParsecError<Code> {
  constructor(code: Code, options?: ParsecErrorOptions) {
    super(code, messages[code], options);
  }
}

/** The server sends no e-mail before `waitUntil`, which may have passed when it is read. */
export class EmailRateLimitedError extends AccountError<"EMAIL_SENDING_RATE_LIMITED"> {
  readonly waitUntil: DateTime;

  constructor(waitUntil: DateTime) {
    super("EMAIL_SENDING_RATE_LIMITED");
    this.waitUntil = waitUntil;
  }
}
