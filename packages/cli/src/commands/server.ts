import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { UsageError } from "../errors.ts";

/** Hands the command over to `parsec-server`, in a process of its own; gives its exit code. */
export async function runServer(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const manifest = createRequire(import.meta.url).resolve("@parsec/server/package.json");
  const program = join(dirname(manifest), "bin", "parsec-server.js");
  const child = spawn(process.execPath, [program, ...argv], { stdio: "inherit" });
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  try {
    const [code]: unknown[] = await once(child, "close");
    return typeof code === "number" ? code : 1;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Reached when options stand before the word: they are not the server's. */
export async function misplaced(): Promise<void> {
  throw new UsageError("parsec server takes no options before it");
}
