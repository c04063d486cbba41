import { createRequire } from "node:module";
import { ParsecError } from "@parsec/base";
import { blockStoreLabel, parseBlockStore } from "../block-store/config.ts";
import type { StartServerOptions } from "../options.ts";
import { type RunningServer, startServer } from "../start-server.ts";
import { databaseLabel, parseDatabaseLocation } from "../store/open.ts";
import { Arguments } from "./arguments.ts";
import { copyCommand } from "./copy.ts";
import { commandsHelp, helpOf } from "./help.ts";
import { Log } from "./log.ts";
import { migrateCommand } from "./migrate.ts";
import { type CliOption, copyOptions, migrateOptions, runOptions, testbedOptions } from "./option.ts";
import { runServerOptions, testbedServerOptions, tlsOf } from "./run.ts";
import type { Terminal } from "./terminal.ts";

/** Runs `parsec-server`: the exit code, 2 when the command line is wrong. */
export async function main(terminal: Terminal): Promise<number> {
  const [command, ...argv] = withoutFormerName(terminal);
  try {
    if (command === "run") {
      const usage = "parsec-server run [OPTIONS]: starts a Parsec server.";
      const examples = [
        "parsec-server run --dev",
        "parsec-server run --db sqlite:./parsec.db --blockstore file:./blocks --administration-token TOKEN --port 6777",
      ];
      return await serve(terminal, argv, { usage, options: runOptions, examples, read: runServerOptions });
    }
    if (command === "testbed") {
      const usage = "parsec-server testbed [OPTIONS]: starts a server for tests. Never expose it.";
      const examples = ["parsec-server testbed --port 6770"];
      return await serve(terminal, argv, { usage, options: testbedOptions, examples, read: testbedServerOptions });
    }
    if (command === "migrate") {
      const usage = "parsec-server migrate [OPTIONS]: brings the tables of a database up to this version.";
      const examples = ["parsec-server migrate --db postgresql://parsec@localhost/parsec --dry-run"];
      if (helpIsAsked(argv)) return showHelp(terminal, helpOf(usage, migrateOptions, examples));
      return await migrateCommand(terminal, [...argv, ...moreArguments(terminal.env)]);
    }
    if (command === "copy") {
      const usage =
        "parsec-server copy [OPTIONS]: copies a database into another one. Stop every server on them first.";
      const examples = ["parsec-server copy --from sqlite:./parsec.db --to postgresql://parsec@localhost/parsec"];
      if (helpIsAsked(argv)) return showHelp(terminal, helpOf(usage, copyOptions, examples));
      return await copyCommand(terminal, [...argv, ...moreArguments(terminal.env)]);
    }
  } catch (error) {
    if (!ParsecError.is(error)) throw error;
    terminal.printError(error.message);
    return isMisuse(error) ? 2 : 1;
  }
  if (command === "--version") {
    terminal.print(`parsec-server ${version()}`);
    return 0;
  }
  const asked = command === undefined || command === "--help" || command === "-h" || command === "help";
  if (asked) terminal.print(commandsHelp);
  else terminal.printError(`Unknown command: see parsec-server --help`);
  return asked && command !== undefined ? 0 : 2;
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

/** `backend run` is how version 2 called `run`. */
function withoutFormerName({ argv, printError }: Terminal): readonly string[] {
  if (argv[0] !== "backend") return argv;
  printError("`backend` is a former name and will go: leave it out");
  return argv.slice(1);
}

interface ServeCommand {
  readonly usage: string;
  readonly options: readonly CliOption[];
  readonly examples: readonly string[];
  readonly read: (args: Arguments) => StartServerOptions;
}

function helpIsAsked(argv: readonly string[]): boolean {
  return argv.includes("--help") || argv.includes("-h");
}

function showHelp(terminal: Terminal, help: string): number {
  terminal.print(help);
  return 0;
}

async function serve(terminal: Terminal, argv: readonly string[], command: ServeCommand): Promise<number> {
  if (helpIsAsked(argv)) return showHelp(terminal, helpOf(command.usage, command.options, command.examples));
  const args = Arguments.parse(command.options, [...argv, ...moreArguments(terminal.env)], terminal.env);
  const options = command.read(args);
  const log = new Log(args, terminal);
  try {
    const server = await startServer({
      ...options,
      diagnostics: (event) => log.diagnostic(event),
      onRequest: (summary) => log.request(summary),
    });
    terminal.print(startLine(server, options));
    terminal.onReload?.(() => reload(log, server, args));
    const failure = await Promise.race([terminal.stopped, server.failure]);
    await server.close();
    if (failure !== undefined) throw failure;
    terminal.print("bye ;-)");
    return 0;
  } finally {
    log.close();
  }
}

/** The files that may change while a server runs. What is wrong with one of them leaves everything as it was. */
function reload(log: Log, server: RunningServer, args: Arguments): void {
  try {
    log.reopen();
    const tls = tlsOf(args);
    if (tls !== undefined) server.renewTls(tls);
    log.write("INFO", "reloaded");
  } catch (error) {
    if (!ParsecError.is(error)) throw error;
    log.write("ERROR", "reload_failed", { reason: error.message });
  }
}

/** `PARSEC_CMD_ARGS`: more arguments, where `$NAME` and `${NAME}` stand for variables (spec 08c §3). */
function moreArguments(env: Terminal["env"]): readonly string[] {
  const parts = (env["PARSEC_CMD_ARGS"] ?? "").split(/\s+/).filter((part) => part !== "");
  return parts.map((part) => part.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_all, a, b) => env[String(a ?? b)] ?? ""));
}

function startLine({ url, address, metricsUrl }: RunningServer, options: StartServerOptions): string {
  const email = options.mailer === undefined ? "MOCKED" : "SMTP";
  const mode = options.testbed === true ? " mode=testbed" : "";
  const db = databaseLabel(parseDatabaseLocation(options.db ?? "MOCKED"));
  const blocks = blockStoreLabel(parseBlockStore([options.blocks ?? "MOCKED"].flat()));
  const metrics = metricsUrl === undefined ? "" : ` metrics=${metricsUrl}`;
  return `Starting Parsec server on ${url} (db=${db} blockstore=${blocks} email=${email} server_addr=${address}${metrics}${mode})`;
}
