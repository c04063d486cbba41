import { spawn } from "node:child_process";
import { join } from "node:path";

export interface ProgramEnd {
  readonly output: string;
  /** The signal that ended it, if one did. */
  readonly signal: NodeJS.Signals | null;
  readonly exitCode: number | null;
}

/** Runs a TypeScript program of this folder in a process of its own, until it ends. */
export function runProgram(name: string, ...args: readonly string[]): Promise<ProgramEnd> {
  const loader = join(import.meta.dirname, "typescript.mjs");
  const node = ["--conditions=@parsec/source", "--import", loader, join(import.meta.dirname, name)];
  const child = spawn(process.execPath, [...node, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode, signal) => resolve({ output, signal, exitCode }));
  });
}
