import { spawn } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { bundleProgram } from "../../../../test/support/bundle-program.ts";

export interface Child {
  /** Lines of its output until now. */
  readonly lines: readonly string[];
  /** Resolves once that line was printed. */
  printed(line: string): Promise<void>;
  kill(): void;
  /** Exit code; null after a signal. */
  readonly ended: Promise<number | null>;
}

/** Starts a program of this folder; it is killed when the test has finished. */
export async function startProgram(name: string, args: readonly string[]): Promise<Child> {
  const program = await bundleProgram(join(import.meta.dirname, name));
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  const waiting = new Map<string, () => void>();
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const parts = `${rest}${text}`.split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) {
      lines.push(line);
      waiting.get(line)?.();
    }
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return {
    lines,
    printed: (line) =>
      new Promise((resolve, reject) => {
        if (lines.includes(line)) resolve();
        waiting.set(line, resolve);
        void ended.then(() => reject(new Error(`The program ended without printing ${line}`)));
      }),
    kill: () => {
      child.kill("SIGKILL");
    },
    ended,
  };
}
