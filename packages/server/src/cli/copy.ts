import { existsSync } from "node:fs";
import { systemClock } from "@parsec/base";
import { type BlockStoreConfig, parseBlockStore } from "../block-store/config.ts";
import { openBlockStore } from "../block-store/open.ts";
import { checkBlockDatabase } from "../open-stores.ts";
import { openDatabase } from "../store/open.ts";
import type { CopyProgress } from "../store/sql/copy/copy-database.ts";
import type { StatementRunner } from "../store/sql/statement-runner.ts";
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
  const fromBlocks = blocksOf(args, "from", source.kind);
  const toBlocks = blocksOf(args, "to", target.kind);
  if ((fromBlocks === undefined) !== (toBlocks === undefined)) {
    throw badOption("from-blockstore", "and --to-blockstore go together");
  }
  const options = databaseOptionsOf(args);
  const stop = new AbortController();
  void stopped.then(() => stop.abort(new Stopped()));
  const { copyDatabase } = await import("../store/sql/copy/copy-database.ts");
  const from = await openDatabase(source, options);
  try {
    const to = await openDatabase(target, { ...options, skipMigrationsCheck: true, acceptUnfinishedCopy: true });
    try {
      const store = toBlocks && (await openBlockStore(toBlocks, { clock: systemClock, database: to }));
      const blocks = fromBlocks &&
        store && {
          openFrom: (database: StatementRunner) => openBlockStore(fromBlocks, { clock: systemClock, database }),
          to: store,
        };
      try {
        await copyDatabase(from, to, { blocks, signal: stop.signal, onProgress: printedProgress(print) });
      } finally {
        await store?.close();
      }
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

/** @throws StartServerError */
function blocksOf(args: Arguments, name: "from" | "to", database: string): BlockStoreConfig | undefined {
  const option = `${name}-blockstore`;
  const texts = args.texts(option);
  if (texts.length === 0) return undefined;
  const config = parseBlockStore(texts);
  if (config.kind === "memory") throw badOption(option, "names a place that lasts");
  checkBlockDatabase(config, database, { blocks: option, database: name });
  return config;
}

/** One line for each tenth of the way. */
function printedProgress(print: Terminal["print"]): (progress: CopyProgress) => void {
  let last = "";
  return ({ phase, done, total }) => {
    const tenths = total === 0 ? 10 : Math.floor((done / total) * 10);
    const now = `${phase} ${tenths}`;
    if (now === last) return;
    last = now;
    print(`${phase}: ${done} of ${total}`);
  };
}
