import type { DatabaseOptions } from "../../database-options.ts";
import { migrate, migrationsPending, pendingMigrations } from "../migrate.ts";
import { SqliteStore } from "./sqlite-store.ts";

/**
 * The store of a file. A new one gets its tables here; one of an older version must be migrated.
 * @throws DatabaseError
 */
export async function openSqliteStore(
  path: string,
  { skipMigrationsCheck = false }: Pick<DatabaseOptions, "skipMigrationsCheck"> = {},
): Promise<SqliteStore> {
  const store = await SqliteStore.open(path);
  try {
    if (skipMigrationsCheck) return store;
    const { pending, isEmpty } = await pendingMigrations(store);
    if (isEmpty) await migrate(store);
    else if (pending.length > 0) throw migrationsPending(pending);
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
