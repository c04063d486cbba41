import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { ParsecError, systemClock } from "@parsec/base";
import { OrganizationId } from "@parsec/types";
import { type BlockStoreConfig, parseBlockStore } from "../block-store/config.ts";
import { openBlockStore } from "../block-store/open.ts";
import type { BlockStore } from "../block-store/port.ts";
import { StartServerError } from "../errors.ts";
import { JsonFields } from "../http/json-fields.ts";
import { checkBlockDatabase } from "../open-stores.ts";
import { openDatabase } from "../store/open.ts";
import type { CopyOptions, CopyProgress } from "../store/sql/copy/copy-database.ts";
import type { StatementRunner } from "../store/sql/statement-runner.ts";
import { type Arguments, badOption } from "./arguments.ts";
import type { CliCommand } from "./command.ts";
import { databaseLocationOf, databaseOptionsOf } from "./database.ts";
import { copyOptions } from "./option.ts";
import type { Terminal } from "./terminal.ts";

/** The user has stopped a copy, which is not an error of ours. */
class Stopped extends Error {}

export const copyCommand: CliCommand = {
  name: "copy",
  summary: "copies a database into another one",
  usage: "parsec-server copy [OPTIONS]: copies a database into another one. Stop every server on them first.",
  options: copyOptions,
  examples: ["parsec-server copy --from sqlite:./parsec.db --to postgresql://parsec@localhost/parsec"],
  run: copy,
};

async function copy({ print, printError, stopped }: Terminal, args: Arguments): Promise<number> {
  const stop = new AbortController();
  void stopped.then(() => stop.abort(new Stopped()));
  const progress = { signal: stop.signal, onProgress: printedProgress(print) };
  try {
    const dump = /^dump:(.+)$/.exec(args.text("from") ?? "")?.[1];
    await (dump === undefined ? copyFromDatabase(args, progress) : copyFromDump(args, dump, progress));
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    printError("Stopped: what was copied stays, and the same command goes on behind it");
    return 1;
  }
  print("Copied and compared: the target is complete");
  return 0;
}

async function copyFromDatabase(args: Arguments, progress: CopyOptions): Promise<void> {
  const [source, target] = [durableLocationOf(args, "from"), durableLocationOf(args, "to")];
  if (args.text("from") === args.text("to")) throw badOption("to", "names the database that is copied");
  // Opening a file creates it.
  if (source.kind === "sqlite" && !existsSync(source.path)) throw badOption("from", "names a file that does not exist");
  const fromBlocks = blocksOf(args, "from", source.kind);
  const toBlocks = blocksOf(args, "to", target.kind);
  if ((fromBlocks === undefined) !== (toBlocks === undefined)) {
    throw badOption("from-blockstore", "and --to-blockstore go together");
  }
  const { copyDatabase } = await import("../store/sql/copy/copy-database.ts");
  const from = await openDatabase(source, databaseOptionsOf(args));
  try {
    await intoTarget(args, target, toBlocks, async (to, store) => {
      const blocks = fromBlocks &&
        store && {
          openFrom: (database: StatementRunner) => openBlockStore(fromBlocks, { clock: systemClock, database }),
          to: store,
        };
      await copyDatabase(from, to, { ...progress, blocks });
    });
  } finally {
    await from.close();
  }
}

async function copyFromDump(args: Arguments, path: string, progress: CopyOptions): Promise<void> {
  const target = durableLocationOf(args, "to");
  const blocks = blocksOf(args, "to", target.kind);
  if (args.texts("from-blockstore").length > 0) throw badOption("from-blockstore", "has no use: a dump has its blocks");
  const organizationId = organizationIdOf(args);
  const [{ copyDump }, { parseDump }] = await Promise.all([
    import("../testbed/copy-dump.ts"),
    import("../testbed/load/dump-document.ts"),
  ]);
  const dump = parseDump(JsonFields.parse(await dumpText(path)));
  await intoTarget(args, target, blocks, (to, store) =>
    copyDump(dump, organizationId, to, { ...progress, blocks: store }),
  );
}

type Target = Awaited<ReturnType<typeof openDatabase>>;

/** Opens the target and its block store, and closes them. */
async function intoTarget(
  args: Arguments,
  location: Parameters<typeof openDatabase>[0],
  blocks: BlockStoreConfig | undefined,
  copy: (to: Target, store: BlockStore | undefined) => Promise<void>,
): Promise<void> {
  const options = { ...databaseOptionsOf(args), skipMigrationsCheck: true, acceptUnfinishedCopy: true };
  const to = await openDatabase(location, options);
  try {
    const store = blocks && (await openBlockStore(blocks, { clock: systemClock, database: to }));
    try {
      await copy(to, store);
    } finally {
      await store?.close();
    }
  } finally {
    await to.close();
  }
}

function durableLocationOf(args: Arguments, name: "from" | "to") {
  const location = databaseLocationOf(args, name);
  if (location === undefined || location.kind === "memory") throw badOption(name, "names a database");
  return location;
}

/** @throws StartServerError */
function organizationIdOf(args: Arguments): OrganizationId {
  const name = "organization";
  try {
    return OrganizationId.parse(args.text(name) ?? "");
  } catch (error) {
    if (ParsecError.is(error)) throw badOption(name, "names the organization that a dump becomes");
    throw error;
  }
}

/** @throws StartServerError */
async function dumpText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new StartServerError("BAD_OPTION", "--from: cannot read the file of the dump", { cause });
  }
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
