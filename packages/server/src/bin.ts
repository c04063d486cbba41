import { main } from "./cli/main.ts";

/** Milliseconds: the grace of requests under way, and what it takes to close what is behind them. */
const patience = 12_000;

const stopped = new Promise<void>((resolve) => {
  const stop = () => {
    resolve();
    // What does not end by itself, a hung disk or database, must not keep a process that was told to end.
    setTimeout(() => process.exit(1), patience).unref();
  };
  // Once: whoever asks a second time gets what the system does, which is to end at once.
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
});

process.exitCode = await main({
  argv: process.argv.slice(2),
  env: process.env,
  print: (line) => process.stdout.write(`${line}\n`),
  printError: (line) => process.stderr.write(`${line}\n`),
  stopped,
  onReload: (reload) => process.on("SIGHUP", reload),
});
