import { existsSync } from "node:fs";
import { openDatabase } from "../store/open.ts";
import type { CopyProgress } from "../store/sql/copy/copy-database.ts";
import { Arguments, badOption } from "./arguments.ts";
import { databaseLocationOf, databaseOptionsOf } from "./database.ts";
import { copyOptions } from "./option.ts";
import type { Terminal } from "./terminal.ts";

/** The user has stopped a copy, which is not an error of ours. */
class Stopped extends Error {}

/** `parsec-server copy`: the exit code. @throws ParsecError */
export async function copyCommand(terminal: Terminal, argv: readonly string[]): Promise<number> {
  const { env, print, printError, stopped } = terminal;
  const args = Arguments.parse(copyOptions, argv, env);
  const [source, target] = [durableLocationOf(args, "from"), durableLocationOf(args, "to")];
  if (args.text("from") === args.text("to")) throw badOption("to", "names the database that is copied");
  // Opening a file creates it.
  if (source.kind === "sqlite" && !existsSync(source.path)) throw badOption("from", "names a file that does not exist");
  const options = databaseOptionsOf(args);
  const stop = new AbortController();
  void stopped.then(() => stop.abort(new Stopped()));
  const { copyDatabase } = await import("../store/sql/copy/copy-database.ts");
  const from = await openDatabase(source, options);
  try {
    const to = await openDatabase(target, { ...options, skipMigrationsCheck: true, acceptUnfinishedCopy: true });
    try {
      await copyDatabase(from, to, { signal: stop.signal, onProgress: printedProgress(print) });
    } finally {
      await to.close();
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    printError("Stopped: what was copied stays, and the same command goes on behind it");
    return 1;
  } finally {
    await from.close();
  }
  print("Copied and compared: the target is complete");
  return 0;
}

function durableLocationOf(args: Arguments, name: "from" | "to") {
  const location = databaseLocationOf(args, name);
  if (location === undefined || location.kind === "memory") throw badOption(name, "names a database");
  return location;
}

/** One line for each tenth of the way. */
function printedProgress(print: Terminal["print"]): (progress: CopyProgress) => void {
  let last = "";
  return ({ phase, done, total }) => {
    const tenths = total === 0 ? 10 : Math.floor((done / total) * 10);
    const now = `${phase} ${tenths}`;
    if (now === last) return;
    last = now;
    print(`${phase}: ${done} of ${total} rows`);
  };
}
