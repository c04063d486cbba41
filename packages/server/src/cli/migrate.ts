import { existsSync } from "node:fs";
import { ParsecError } from "@parsec/base";
import { openDatabase } from "../store/open.ts";
import { Arguments, badOption } from "./arguments.ts";
import { databaseLocationOf, databaseOptionsOf } from "./database.ts";
import { migrateOptions } from "./option.ts";
import type { Terminal } from "./terminal.ts";

/** `parsec-server migrate`: one line for each migration (spec 08c §4). The exit code. @throws ParsecError */
export async function migrateCommand({ env, print }: Terminal, argv: readonly string[]): Promise<number> {
  const args = Arguments.parse(migrateOptions, argv, env);
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
