import { closeSync, openSync, writeSync } from "node:fs";
import type { DiagnosticEvent } from "@parsec/base";
import { StartServerError } from "../errors.ts";
import type { RequestSummary } from "../http/request-summary.ts";
import type { Arguments } from "./arguments.ts";
import type { Terminal } from "./terminal.ts";

const levels = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] as const;
export type LogLevel = (typeof levels)[number];
const formats = ["CONSOLE", "CONSOLE_NO_TIMESTAMP", "JSON"] as const;
type LogFormat = (typeof formats)[number];

type Fields = Readonly<Record<string, string | number | boolean | null>>;

/** What a command tells of its running: one line an event, to stderr or to a file (`--log-level`, `-format`, `-file`). */
export class Log {
  readonly #least: number;
  readonly #format: LogFormat;
  readonly #printError: (line: string) => void;
  readonly #path: string | undefined;
  #file: number | undefined;
  #isFailing = false;

  /** @throws StartServerError `BAD_OPTION` for a value that is none, or a file that cannot be written */
  constructor(args: Arguments, { printError }: Pick<Terminal, "printError">) {
    this.#least = levels.indexOf(args.oneOf("log-level", levels, { anyCase: true }) ?? "INFO");
    this.#format = args.oneOf("log-format", formats, { anyCase: true }) ?? "CONSOLE";
    this.#printError = printError;
    const path = args.text("log-file");
    this.#path = path === "-" ? undefined : path;
    this.reopen();
  }

  write(level: LogLevel, event: string, fields: Fields = {}): void {
    if (levels.indexOf(level) < this.#least) return;
    const line = this.#line(level, event, fields);
    if (this.#file === undefined) {
      this.#printError(line);
      return;
    }
    try {
      // At once and in order: a line is there even when the process is killed right after it, and none waits in memory.
      writeSync(this.#file, `${line}\n`);
      this.#isFailing = false;
    } catch {
      // A full disk must not end a server that only wanted to tell something.
      if (!this.#isFailing) this.#printError("The log file cannot be written: lines are lost");
      this.#isFailing = true;
    }
  }

  /** Begins a new file when the old one was moved away. @throws StartServerError `BAD_OPTION` */
  reopen(): void {
    if (this.#path === undefined) return;
    try {
      const file = openSync(this.#path, "a", 0o640);
      this.close();
      this.#file = file;
    } catch (cause) {
      throw new StartServerError("BAD_OPTION", "--log-file: cannot write the file: check its folder", { cause });
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  request({ method, family, command, status, reply, cut, duration }: RequestSummary): void {
    const ms = Math.round(duration * 10) / 10;
    const left = cut ? { cut } : {};
    const fields = { method, family, command, status, reply, ms, ...left };
    this.write(levelOf(family, status), "request", fields);
  }

  diagnostic({ area, event, fields = {} }: DiagnosticEvent): void {
    this.write("WARNING", event, { area, ...fields });
  }

  #line(level: LogLevel, event: string, fields: Fields): string {
    const timestamp = new Date().toISOString();
    const known = Object.entries(fields).filter(([, value]) => value !== null);
    if (this.#format === "JSON") return JSON.stringify({ timestamp, level, event, ...Object.fromEntries(known) });
    const parts = [`[${level}]`, event, ...known.map(([name, value]) => `${name}=${shown(value)}`)];
    return (this.#format === "CONSOLE" ? [timestamp, ...parts] : parts).join(" ");
  }
}

/** Who watches asks every few seconds: that is no news. What failed on our side is. */
function levelOf(family: RequestSummary["family"], status: number | null): LogLevel {
  if (status !== null && status >= 500) return status === 503 ? "WARNING" : "ERROR";
  return family === "health" ? "DEBUG" : "INFO";
}

/** A value that cannot be taken for two, or for a line of its own. */
function shown(value: Fields[string]): string {
  const text = String(value);
  return /^[\w./:*-]+$/.test(text) ? text : JSON.stringify(text);
}
