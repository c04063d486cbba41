import { ParsecError } from "@parsec/base";
import { blockStoreLabel, parseBlockStore } from "../block-store/config.ts";
import type { StartServerOptions } from "../options.ts";
import { type RunningServer, startServer } from "../start-server.ts";
import { databaseLabel, parseDatabaseLocation } from "../store/open.ts";
import type { Arguments } from "./arguments.ts";
import type { CliCommand } from "./command.ts";
import { Log } from "./log.ts";
import { runOptions, testbedOptions } from "./option.ts";
import { runServerOptions, testbedServerOptions, tlsOf } from "./run.ts";
import type { Terminal } from "./terminal.ts";

export const runCommand: CliCommand = {
  name: "run",
  summary: "a server",
  usage: "parsec-server run [OPTIONS]: starts a Parsec server.",
  options: runOptions,
  examples: [
    "parsec-server run --dev",
    "parsec-server run --db sqlite:./parsec.db --blockstore file:./blocks --administration-token TOKEN --port 6777",
  ],
  run: async (terminal, args) => await serve(terminal, args, runServerOptions(args)),
};

export const testbedCommand: CliCommand = {
  name: "testbed",
  summary: "a server for tests, with control routes under /testbed",
  usage: "parsec-server testbed [OPTIONS]: starts a server for tests. Never expose it.",
  options: testbedOptions,
  examples: ["parsec-server testbed --port 6770"],
  run: async (terminal, args) => await serve(terminal, args, testbedServerOptions(args)),
};

async function serve(terminal: Terminal, args: Arguments, options: StartServerOptions): Promise<number> {
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

function startLine({ url, address, metricsUrl }: RunningServer, options: StartServerOptions): string {
  const email = options.mailer === undefined ? "MOCKED" : "SMTP";
  const mode = options.testbed === true ? " mode=testbed" : "";
  const db = databaseLabel(parseDatabaseLocation(options.db ?? "MOCKED"));
  const blocks = blockStoreLabel(parseBlockStore([options.blocks ?? "MOCKED"].flat()));
  const metrics = metricsUrl === undefined ? "" : ` metrics=${metricsUrl}`;
  return `Starting Parsec server on ${url} (db=${db} blockstore=${blocks} email=${email} server_addr=${address}${metrics}${mode})`;
}
