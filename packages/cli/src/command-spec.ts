import type { Invocation } from "./invocation.ts";

/** One option, as the help shows it. */
export interface OptionSpec {
  /** `-l, --long`, `--role <role>` */
  readonly flags: string;
  readonly text: string;
  readonly choices?: readonly string[];
  readonly required?: boolean;
}

/** One command: what `--help`, `docs/cli.md` and the parser are made from. Its code is loaded when it runs. */
export interface CommandSpec {
  /** `workspace share` */
  readonly name: string;
  /** `<name>` has to be there, `[name]` may be. */
  readonly operands: readonly string[];
  readonly text: string;
  readonly options?: readonly OptionSpec[];
  readonly examples?: readonly string[];
  /** The code, on first use. */
  readonly load: () => Promise<(invocation: Invocation) => Promise<void>>;
}
