import { ParsecError } from "@parsec/base";
import { type Arguments, parseArguments } from "./arguments.ts";
import { bootstrap } from "./commands/bootstrap.ts";
import { devices } from "./commands/devices.ts";
import { exportFile, importFiles, ls } from "./commands/files.ts";
import { createWorkspace, workspaces } from "./commands/workspaces.ts";
import { printable } from "./printable.ts";
import type { Shell } from "./shell.ts";
import { UsageError, usage } from "./usage.ts";

/** Exit codes: done, failed, not understood, interrupted. */
export const exitCodes = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;

const commands: Readonly<Record<string, (shell: Shell, args: Arguments) => Promise<void>>> = {
  devices,
  bootstrap,
  workspaces,
  "create-workspace": createWorkspace,
  ls,
  import: importFiles,
  export: exportFile,
};

/** Runs one command; gives the exit code of the process. Names that others chose are printed with their escapes. */
export async function main(terminal: Shell): Promise<number> {
  const shell: Shell = {
    ...terminal,
    print: (line) => terminal.print(printable(line)),
    printError: (line) => terminal.printError(printable(line)),
  };
  try {
    const args = parseArguments(shell.argv);
    if (args.options.help === true) {
      terminal.print(usage);
      return exitCodes.ok;
    }
    const command = args.command === undefined ? undefined : commands[args.command];
    if (command === undefined) throw new UsageError(args.command === undefined ? "No command" : "Unknown command");
    await command(shell, args);
    return exitCodes.ok;
  } catch (error) {
    if (shell.signal.aborted) return exitCodes.interrupted;
    shell.printError(describe(error));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failure;
  }
}

function describe(error: unknown): string {
  if (ParsecError.is(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
