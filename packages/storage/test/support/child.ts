import { spawn } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { onTestFinished } from "vitest";

const packageFolder = join(import.meta.dirname, "../..");

/**
 * A program of this folder as one JavaScript file that a plain Node can run. It lies inside the package, so that native
 * modules are found.
 */
export async function bundleProgram(name: string): Promise<string> {
  const folder = join(packageFolder, "node_modules/.cache/test");
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, `${name}-${process.pid}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@parsec/source"],
    external: ["better-sqlite3", "sodium-native", "node:sqlite"],
    // A CommonJS dependency inside an ES module finds Node's own modules by this.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "error",
  });
  return outfile;
}

export interface Child {
  /** Lines of its output until now. */
  readonly lines: readonly string[];
  /** Resolves once that line was printed. */
  printed(line: string): Promise<void>;
  kill(): void;
  /** Exit code; null after a signal. */
  readonly ended: Promise<number | null>;
}

/** Starts a bundled program; it is killed when the test has finished. */
export function startProgram(program: string, args: readonly string[]): Child {
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

export async function removeProgram(program: string): Promise<void> {
  await rm(program, { force: true });
}
