import { ParsecError } from "@parsec/base";

/** The bytes are not what the codec expects. Says where (a path of field names) and why, never the content. */
export class DecodeError extends ParsecError<"DECODE_FAILED"> {
  override readonly name: string = "DecodeError";
  readonly reason: string;
  readonly path: readonly string[];

  constructor(reason: string, options: { path?: readonly string[]; cause?: unknown } = {}) {
    const path = options.path ?? [];
    super("DECODE_FAILED", `Cannot decode ${path.length > 0 ? path.join(".") : "the value"}: ${reason}`, options);
    this.reason = reason;
    this.path = path;
  }

  /** Runs `decode`; when it fails, names the field in which it did. */
  static within<T>(name: string, decode: () => T): T {
    try {
      return decode();
    } catch (error) {
      throw DecodeError.at(name, error);
    }
  }

  /** The same error, seen from the value that holds the field `name`. */
  static at(name: string, error: unknown): unknown {
    if (!(error instanceof DecodeError)) return error;
    return new DecodeError(error.reason, { path: [name, ...error.path], cause: error.cause });
  }
}
