import { existsSync } from "node:fs";
import { systemClock } from "@parsec/base";
import type { BlockStore } from "../../block-store/port.ts";
import { type OpenStores, openStores } from "../../open-stores.ts";
import { openDatabase } from "../../store/open.ts";
import type { Store } from "../../store/port/store.ts";
import { type Arguments, badOption } from "../arguments.ts";
import { databaseLocationOf, databaseOptionsOf } from "../database.ts";

/** Opens the database of `--db`, and closes it whatever `run` does. @throws ParsecError */
export async function withDatabase<T>(args: Arguments, run: (store: Store) => Promise<T>): Promise<T> {
  const store = await openDatabase(existingDatabase(args), databaseOptionsOf(args));
  try {
    return await run(store);
  } finally {
    await store.close();
  }
}

/** The same, with the block store of `--blockstore`. @throws ParsecError */
export async function withStores<T>(
  args: Arguments,
  run: (store: Store, blockStore: BlockStore) => Promise<T>,
): Promise<T> {
  existingDatabase(args);
  const blocks = args.texts("blockstore");
  if (blocks.length === 0) throw badOption("blockstore", "is needed: the one that the server has");
  const options = { db: args.required("db"), database: databaseOptionsOf(args), blocks };
  const stores: OpenStores = await openStores(options, systemClock);
  try {
    return await run(stores.store, stores.blockStore);
  } finally {
    await stores.close();
  }
}

/** A database that is there already: these commands are about what is in it. @throws StartServerError */
function existingDatabase(args: Arguments) {
  const location = databaseLocationOf(args);
  if (location === undefined || location.kind === "memory") throw badOption("db", "names the database of the server");
  // Opening a file creates it.
  if (location.kind === "sqlite" && !existsSync(location.path))
    throw badOption("db", "names a file that does not exist");
  return location;
}

/** The user has stopped a command, which is not an error of ours. */
class Stopped extends Error {}

/** Runs what takes long, until the user stops it: then `whenStopped` is printed, and the exit code is 1. */
export async function stoppable(
  { stopped, printError }: { readonly stopped: Promise<void>; printError(line: string): void },
  whenStopped: string,
  run: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const stop = new AbortController();
  void stopped.then(() => stop.abort(new Stopped()));
  try {
    return await run(stop.signal);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    printError(whenStopped);
    return 1;
  }
}

/** Prints one line for each tenth of the way. */
export function printedTenths(print: (line: string) => void, unit: string) {
  let last = "";
  return ({ step, done, total }: { readonly step: string; readonly done: number; readonly total: number }) => {
    const now = `${step} ${total === 0 ? 10 : Math.floor((done / total) * 10)}`;
    if (now === last) return;
    last = now;
    print(`${step}: ${done} of ${total} ${unit}`);
  };
}
