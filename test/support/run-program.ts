import { spawn } from "node:child_process";
import { join } from "node:path";
import { bundleProgram } from "./bundle-program.ts";

export interface ProgramEnd {
  readonly output: string;
  /** The signal that ended it, if one did. */
  readonly signal: NodeJS.Signals | null;
  readonly exitCode: number | null;
}

/** A program that runs. */
export interface RunningProgram {
  /** Writes a line to its standard input. */
  say(line: string): void;
  /** Calls `listener` with each line that it writes. */
  onLine(listener: (line: string) => void): void;
  readonly end: Promise<ProgramEnd>;
}

/** Starts a TypeScript program of this folder in a process of its own. */
export async function startProgram(name: string, ...args: readonly string[]): Promise<RunningProgram> {
  const program = await bundleProgram(join(import.meta.dirname, name));
  const child = spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  // A program that has died does not hear any more.
  child.stdin.on("error", () => undefined);
  const listeners: ((line: string) => void)[] = [];
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (output.slice(output.lastIndexOf("\n") + 1) + text).split("\n");
    output += text;
    for (const line of lines.slice(0, -1)) for (const listener of listeners) listener(line);
  });
  return {
    say: (line) => void child.stdin.write(`${line}\n`),
    onLine: (listener) => void listeners.push(listener),
    end: new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (exitCode, signal) => resolve({ output, signal, exitCode }));
    }),
  };
}

/** Runs a TypeScript program of this folder in a process of its own, until it ends. */
export async function runProgram(name: string, ...args: readonly string[]): Promise<ProgramEnd> {
  return (await startProgram(name, ...args)).end;
}
