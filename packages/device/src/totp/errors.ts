import { ParsecError } from "@parsec/base";
import type { DateTime } from "@parsec/types";

/**
 * - `INVALID_ONE_TIME_PASSWORD`: wrong or late code; or the user, the key or the setup does not exist: servers do not tell.
 * - `TOTP_THROTTLED`: too many wrong codes; see `waitUntil` of {@link TotpThrottledError}.
 * - `TOTP_ALREADY_SETUP`: the user has an authenticator application already.
 * - `BAD_TOTP_RESET_TOKEN`: the reset link was used, or is not for this user.
 */
export type TotpErrorCode =
  | "INVALID_ONE_TIME_PASSWORD"
  | "TOTP_THROTTLED"
  | "TOTP_ALREADY_SETUP"
  | "BAD_TOTP_RESET_TOKEN";

/** See {@link TotpErrorCode}. */
export class TotpError extends ParsecError<TotpErrorCode> {
  override readonly name: string = "TotpError";
  constructor(code: TotpErrorCode) {
    super(code, messages[code]);
  }
}

/** Too many wrong codes: the server takes none before `waitUntil`. */
export class TotpThrottledError extends TotpError {
  override readonly name: string = "TotpThrottledError";
  readonly waitUntil: DateTime;

  constructor(waitUntil: DateTime) {
    super("TOTP_THROTTLED");
    this.waitUntil = waitUntil;
  }
}

const messages: Readonly<Record<TotpErrorCode, string>> = {
  INVALID_ONE_TIME_PASSWORD: "The server refuses the code: wait for the next one and check the clock of the phone",
  TOTP_THROTTLED: "Too many wrong codes: wait before the next one",
  TOTP_ALREADY_SETUP: "The second factor of this user is set up already",
  BAD_TOTP_RESET_TOKEN: "The link to set up the second factor anew is not valid any more: ask for another one",
};
