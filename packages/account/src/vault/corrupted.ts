import { hasCode } from "@parsec/base";
import { AccountError, type AccountErrorCode } from "../errors.ts";

/** Opens something encrypted. What does not decrypt, or decrypts to something else, is an AccountError of that code. */
export function orCorrupted<T>(code: AccountErrorCode, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    if (hasCode(cause, "DECRYPTION", "NONCE", "BAD_SERIALIZATION", "DATA_INTEGRITY")) {
      throw new AccountError(code, { cause });
    }
    throw cause;
  }
}
