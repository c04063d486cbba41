import { createRequire } from "node:module";
import { ParsecError } from "@parsec/base";
import { Arguments } from "./arguments.ts";
import type { CliCommand } from "./command.ts";
import { copyCommand } from "./copy.ts";
import { commandsHelp, helpOf } from "./help.ts";
import { migrateCommand } from "./migrate.ts";
import { exportRealmCommand } from "./operations/export-realm.ts";
import { humanAccessesCommand } from "./operations/human-accesses.ts";
import { deleteRealmCommand, listDeletableRealmsCommand } from "./operations/realms.ts";
import { renderEmailCommand } from "./operations/render-email.ts";
import { sequesterCommands } from "./operations/sequester.ts";
import { runCommand, testbedCommand } from "./serve.ts";
import type { Terminal } from "./terminal.ts";

/** In the order of the help. */
const commands: readonly CliCommand[] = [
  runCommand,
  migrateCommand,
  copyCommand,
  exportRealmCommand,
  humanAccessesCommand,
  listDeletableRealmsCommand,
  deleteRealmCommand,
  ...sequesterCommands,
  renderEmailCommand,
  testbedCommand,
];

/** Runs `parsec-server`: the exit code, 2 when the command line is wrong. */
export async function main(terminal: Terminal): Promise<number> {
  const argv = withoutFormerName(terminal);
  const command = commands.find(({ name }) => argv.slice(0, name.split(" ").length).join(" ") === name);
  if (command === undefined) return withoutCommand(terminal, argv);
  const given = argv.slice(command.name.split(" ").length);
  if (given.includes("--help") || given.includes("-h")) {
    terminal.print(helpOf(command.usage, command.options, command.examples));
    return 0;
  }
  if (given.includes("--version")) return showVersion(terminal);
  try {
    const args = Arguments.parse(command.options, [...given, ...moreArguments(terminal.env)], terminal.env);
    for (const notice of args.notices) terminal.printError(notice);
    return await command.run(terminal, args);
  } catch (error) {
    if (!ParsecError.is(error)) throw error;
    terminal.printError(error.message);
    return isMisuse(error) ? 2 : 1;
  }
}

function withoutCommand(terminal: Terminal, [first]: readonly string[]): number {
  if (first === "--version") return showVersion(terminal);
  const asked = first === undefined || first === "--help" || first === "-h" || first === "help";
  if (asked) terminal.print(commandsHelp(commands));
  else terminal.printError(`Unknown command: see parsec-server --help`);
  return asked && first !== undefined ? 0 : 2;
}

function showVersion({ print }: Terminal): number {
  print(`parsec-server ${version()}`);
  return 0;
}

/** The command line itself is wrong, rather than what it asks for impossible now. */
function isMisuse(error: ParsecError<string>): boolean {
  return error.code === "BAD_OPTION" || error.code === "ADMINISTRATION_TOKEN_MISSING";
}

function version(): string {
  const manifest: unknown = createRequire(import.meta.url)("@parsec/server/package.json");
  const known = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return known ? String(manifest.version) : "of an unknown version";
}

/** `parsec backend run` is how version 2 called `parsec-server run`. */
function withoutFormerName({ argv, printError }: Terminal): readonly string[] {
  if (argv[0] !== "backend") return argv;
  printError("`backend` is a former name and will go: leave it out");
  return argv.slice(1);
}

/** `PARSEC_CMD_ARGS`: more arguments, where `$NAME` and `${NAME}` stand for variables (spec 08c §3). */
function moreArguments(env: Terminal["env"]): readonly string[] {
  const parts = (env["PARSEC_CMD_ARGS"] ?? "").split(/\s+/).filter((part) => part !== "");
  return parts.map((part) => part.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_all, a, b) => env[String(a ?? b)] ?? ""));
}
