import { existsSync } from "node:fs";
import { ParsecError } from "@parsec/base";
import { openDatabase } from "../store/open.ts";
import { type Arguments, badOption } from "./arguments.ts";
import type { CliCommand } from "./command.ts";
import { databaseLocationOf, databaseOptionsOf } from "./database.ts";
import { migrateOptions } from "./option.ts";
import type { Terminal } from "./terminal.ts";

export const migrateCommand: CliCommand = {
  name: "migrate",
  summary: "brings the tables of a database up to this version",
  usage: "parsec-server migrate [OPTIONS]: brings the tables of a database up to this version.",
  options: migrateOptions,
  examples: ["parsec-server migrate --db postgresql://parsec@localhost/parsec --dry-run"],
  run: migrateDatabase,
};

/** One line for each migration (spec 08c §4). */
async function migrateDatabase({ print }: Terminal, args: Arguments): Promise<number> {
  const location = databaseLocationOf(args);
  if (location === undefined || location.kind === "memory") throw badOption("db", "names a database to migrate");
  const dryRun = args.bool("dry-run") ?? false;
  const { migrate, migrationNames } = await import("../store/sql/migrate.ts");
  if (dryRun && location.kind === "sqlite" && !existsSync(location.path)) {
    // Opening it would create it.
    for (const name of migrationNames) print(`${name} ✔`);
    return 0;
  }
  const database = await openDatabase(location, { ...databaseOptionsOf(args), skipMigrationsCheck: true });
  try {
    await migrate(database, {
      dryRun,
      onStep: ({ name, state }) => print(state === "already_applied" ? `${name} (already applied)` : `${name} ✔`),
    });
    return 0;
  } catch (error) {
    if (!ParsecError.is(error) || error.code !== "MIGRATION_FAILED") throw error;
    print(error.message);
    return 1;
  } finally {
    await database.close();
  }
}
