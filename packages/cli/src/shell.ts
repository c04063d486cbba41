import type { Readable, Writable } from "node:stream";

/** What the program has of its surroundings. */
export interface Shell {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The standard input, for content. */
  readonly input: Readable;
  /** The standard output, also of file content. */
  readonly output: Writable;
  print(line: string): void;
  printError(line: string): void;
  /** Asks in the terminal, without showing what is typed. @throws UsageError when there is no terminal */
  ask(prompt: string): Promise<string>;
  /** The first line of an open file descriptor. */
  readDescriptor(descriptor: number): Promise<string>;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
}
