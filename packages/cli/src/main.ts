import { CommanderError } from "commander";
import { errorLines } from "./error-report.ts";
import { CommandError, UsageError } from "./errors.ts";
import { exitCodeOf, numberOf } from "./exit-codes.ts";
import { Invocation } from "./invocation.ts";
import { createProgram } from "./program.ts";
import type { Shell } from "./shell.ts";

/** Runs one command; gives the exit code of the process. Names that others chose are printed with their escapes. */
export async function main(shell: Shell): Promise<number> {
  const isJson = shell.argv.includes("--json");
  try {
    if (shell.argv[0] === "server") {
      const { runServer } = await import("./commands/server.ts");
      return await runServer(shell.argv.slice(1), shell.signal);
    }
    await parse(shell);
    return numberOf("ok");
  } catch (error) {
    if (shell.signal.aborted) return numberOf("interrupted");
    const exitCode = exitCodeOf(error);
    for (const line of errorLines(error, exitCode, isJson)) shell.printError(line);
    return exitCode;
  }
}

async function parse(shell: Shell): Promise<void> {
  let help = "";
  const program = createProgram(
    { out: (text) => shell.print(text.trimEnd()), error: (text) => (help += text) },
    async (spec, operands, options) => {
      const limit = timeout(options["timeout"]);
      const signal = AbortSignal.any([shell.signal, limit.signal]);
      try {
        const run = await spec.load();
        await run(new Invocation(shell, signal, operands, options));
      } catch (error) {
        if (!limit.signal.aborted) throw error;
        throw new CommandError("TIMEOUT", "Not done in the time that --timeout gives: run it again to go on", {
          cause: error === limit.signal.reason ? undefined : error,
        });
      } finally {
        limit.release();
      }
    },
  );
  try {
    await program.parseAsync(shell.argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return;
    if (help !== "") shell.printError(help.trimEnd());
    throw new UsageError(help === "" ? error.message.replace(/^error: /, "") : "A command is missing");
  }
}

interface Limit {
  readonly signal: AbortSignal;
  release(): void;
}

/** @throws UsageError */
function timeout(value: unknown): Limit {
  const controller = new AbortController();
  if (value === undefined) return { signal: controller.signal, release: () => undefined };
  const seconds = typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : Number.NaN;
  // A timer cannot hold more.
  if (!(seconds > 0 && seconds < 2 ** 31 / 1000)) throw new UsageError("--timeout wants seconds, more than 0");
  const timer = setTimeout(() => controller.abort(), seconds * 1000);
  return { signal: controller.signal, release: () => clearTimeout(timer) };
}
