import { jsonLine, printable } from "./printable.ts";
import type { Shell } from "./shell.ts";

/** One thing that a command tells. Its `type` says which fields there are. */
export interface OutputRecord {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Where answers go: lines for people, or with `--json` one object a line. What others chose is escaped in both. */
export class Output {
  readonly #shell: Shell;
  readonly #isJson: boolean;
  readonly #isQuiet: boolean;

  constructor(shell: Shell, { isJson, isQuiet }: { readonly isJson: boolean; readonly isQuiet: boolean }) {
    this.#shell = shell;
    this.#isJson = isJson;
    this.#isQuiet = isQuiet;
  }

  /** What was asked for, on the standard output; each line is escaped by itself. */
  tell(record: OutputRecord, lines: string | readonly string[]): void {
    if (this.#isJson) this.#shell.print(jsonLine(record));
    else for (const line of typeof lines === "string" ? [lines] : lines) this.#shell.print(printable(line));
  }

  /** What was done, which `--quiet` leaves out. */
  report(record: OutputRecord, line: string): void {
    if (this.#isJson) this.#shell.print(jsonLine(record));
    else if (!this.#isQuiet) this.#shell.print(printable(line));
  }

  /** A remark beside the answer, on the standard error. */
  note(line: string): void {
    if (this.#isQuiet) return;
    this.#shell.printError(this.#isJson ? jsonLine({ type: "note", message: line }) : printable(line));
  }
}

/** The fields of a record, one a line. */
export function fieldLines(record: object): readonly string[] {
  return Object.entries(record).map(([name, value]: [string, unknown]) => {
    return `${name}: ${typeof value === "string" ? value : (JSON.stringify(value) ?? "")}`;
  });
}
