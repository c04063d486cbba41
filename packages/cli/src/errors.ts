import { ParsecError, type ParsecErrorOptions } from "@parsec/base";

/** The command line is not one that this program understands. */
export class UsageError extends ParsecError<"USAGE"> {
  override readonly name: string = "UsageError";
  constructor(what: string) {
    super("USAGE", `${what}: see parsec --help`);
  }
}

/**
 * What only the command line has to say.
 *
 * - `NO_SUCH_…`: nothing has the name or id that was given.
 * - `AMBIGUOUS`: several have the name: give the id.
 * - `TIMEOUT`: what `--timeout` allows is over.
 * - `LEFT_OUT`: everything else is done, these are not.
 * - `FINDINGS`: a verification found what is wrong.
 */
export type CommandErrorCode =
  | "NO_SUCH_DEVICE"
  | "NO_SUCH_WORKSPACE"
  | "NO_SUCH_USER"
  | "AMBIGUOUS"
  | "TIMEOUT"
  | "LEFT_OUT"
  | "FINDINGS";

export class CommandError extends ParsecError<CommandErrorCode> {
  override readonly name: string = "CommandError";
  constructor(code: CommandErrorCode, message: string, options: ParsecErrorOptions = {}) {
    super(code, message, options);
  }
}
