import { ParsecError, randomBytes } from "@parsec/base";
import type { Infer } from "./codec/index.ts";
import { textKind, utf8Size } from "./text-kind.ts";

export class ValidationCodeError extends ParsecError<"BAD_SIZE" | "NOT_BASE32"> {
  override readonly name: string = "ValidationCodeError";
}

/** 32 symbols that humans tell apart: no `I`, `O`, `0`, `1` (spec 03 §6). */
const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const size = 6;

/** The code that an account e-mail holds (spec 03 §6): 6 symbols. `parse` throws {@link ValidationCodeError}. */
export const ValidationCode = /* @__PURE__ */ textKind("ValidationCode", (text) => {
  if (utf8Size(text) !== size) throw new ValidationCodeError("BAD_SIZE", `A validation code has ${size} characters`);
  if (![...text].every((symbol) => alphabet.includes(symbol))) {
    throw new ValidationCodeError("NOT_BASE32", "A validation code holds only A-Z and 2-9 without I and O");
  }
  return text;
});
export type ValidationCode = Infer<typeof ValidationCode>;

/** Six symbols, independent and uniform. */
export function generateValidationCode(): ValidationCode {
  const symbols = Array.from(randomBytes(size), (byte) => alphabet.charAt(byte % alphabet.length));
  return ValidationCode.parse(symbols.join(""));
}
