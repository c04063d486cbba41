import type { Arguments } from "./arguments.ts";
import type { CliOption } from "./option.ts";
import type { Terminal } from "./terminal.ts";

/** One command of `parsec-server`. */
export interface CliCommand {
  /** One word, or two. */
  readonly name: string;
  /** A few words, for the list of commands. */
  readonly summary: string;
  /** The first line of its help. */
  readonly usage: string;
  readonly options: readonly CliOption[];
  readonly examples: readonly string[];
  /** The exit code. @throws ParsecError */
  readonly run: (terminal: Terminal, args: Arguments) => Promise<number>;
}
