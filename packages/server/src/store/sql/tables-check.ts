import type { OpenDatabaseOptions } from "../database-options.ts";
import { DatabaseError } from "../errors.ts";
import { type MigratableDatabase, migrate, migrationsPending, pendingMigrations } from "./migrate.ts";

/**
 * The database has the tables of this version, and all that belongs into them.
 * @throws DatabaseError `MIGRATIONS_PENDING`, `DATABASE_TOO_NEW`, `COPY_UNFINISHED`
 */
export async function checkTables(
  database: MigratableDatabase,
  options: OpenDatabaseOptions,
  whenEmpty: "migrate" | "refuse",
): Promise<void> {
  const { skipMigrationsCheck = false, acceptUnfinishedCopy = false } = options;
  if (!skipMigrationsCheck) {
    const { pending, isEmpty } = await pendingMigrations(database);
    if (isEmpty && whenEmpty === "migrate") await migrate(database);
    else if (pending.length > 0) throw migrationsPending(pending);
  }
  if (acceptUnfinishedCopy) return;
  const isUnfinished = await database.snapshot(async (db) => {
    const tables = await db.introspection.getTables();
    if (!tables.some(({ name }) => name === "unfinished_copy")) return false;
    return (await db.selectFrom("unfinished_copy").select("_id").execute()).length > 0;
  });
  if (!isUnfinished) return;
  const what = "The database holds only a part of what is copied into it";
  throw new DatabaseError("COPY_UNFINISHED", `${what}: run parsec-server copy again, with the same --from and --to`);
}
