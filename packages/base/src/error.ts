/** Marks our errors across copies of this package, where `instanceof` breaks. */
const brand = Symbol.for("parsec.error");

export interface ParsecErrorOptions {
  readonly cause?: unknown;
}

/**
 * The root of every error that this SDK throws on purpose.
 *
 * `code` is stable and literal: `switch (error.code)` narrows. `message` says what happened and what to do about it,
 * and holds no secret. `cause` is the lower error, if any. Anything else that escapes an operation is a bug of ours.
 *
 * A class below this one says its own name in a field, `override readonly name: string = "OfflineError"`: what a class
 * is called is the first thing that a minifier changes.
 */
export class ParsecError<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, message: string, options: ParsecErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target === ParsecError ? "ParsecError" : new.target.name;
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Recognises our errors, also those made by another copy of this package. */
  static is(error: unknown): error is ParsecError {
    return typeof error === "object" && error !== null && brand in error;
  }
}

/** A state that the code holds to be impossible. Please report it. */
export class BugError extends ParsecError<"BUG"> {
  override readonly name: string = "BugError";
  constructor(what: string, options: ParsecErrorOptions = {}) {
    super("BUG", `${what}. This is a bug of the SDK: please report it`, options);
  }
}

/** True when `error` is one of ours with that code; narrows `code`. */
export function hasCode<Code extends string>(error: unknown, ...codes: readonly Code[]): error is ParsecError<Code> {
  return ParsecError.is(error) && codes.some((code) => code === error.code);
}
