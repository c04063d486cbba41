import { ValidationCode, ValidationCodeError } from "@parsec/types";
import { AccountError } from "./errors.ts";

/**
 * The code as typed: six characters, upper case. One that cannot be right is refused here, and does not count as a
 * failure at the server (spec 07 §6.1).
 * @throws AccountError INVALID_VALIDATION_CODE
 */
export function parseValidationCode(text: string): ValidationCode {
  try {
    return ValidationCode.parse(text);
  } catch (cause) {
    if (cause instanceof ValidationCodeError) throw new AccountError("INVALID_VALIDATION_CODE", { cause });
    throw cause;
  }
}
