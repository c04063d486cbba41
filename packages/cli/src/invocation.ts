import { BugError } from "@parsec/base";
import { UsageError } from "./errors.ts";
import { Output } from "./output.ts";
import type { Shell } from "./shell.ts";

/** What was asked of a command: its operands and options, and where its answer goes. */
export class Invocation {
  readonly shell: Shell;
  readonly output: Output;
  /** Aborts at Ctrl-C, and when `--timeout` is over. */
  readonly signal: AbortSignal;
  readonly #operands: ReadonlyMap<string, string>;
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(
    shell: Shell,
    signal: AbortSignal,
    operands: ReadonlyMap<string, string>,
    options: Readonly<Record<string, unknown>>,
  ) {
    this.shell = shell;
    this.signal = signal;
    this.#operands = operands;
    this.#options = options;
    this.output = new Output(shell, { isJson: this.flag("json"), isQuiet: this.flag("quiet") });
  }

  /** An operand that the parser has made sure of. */
  operand(name: string): string {
    const value = this.#operands.get(name);
    if (value === undefined) throw new BugError(`the command has no operand ${name}`);
    return value;
  }

  optionalOperand(name: string): string | undefined {
    return this.#operands.get(name);
  }

  flag(name: string): boolean {
    return this.#options[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.#options[name];
    return typeof value === "string" ? value : undefined;
  }

  /** An option that the parser has made sure of. */
  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw new BugError(`the command has no option ${name}`);
    return value;
  }

  /** A whole number of at least 0. @throws UsageError */
  natural(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^\d{1,15}$/.test(value)) throw new UsageError(`--${name} wants a whole number, not ${value}`);
    return Number(value);
  }
}
