import type { OpenDatabaseOptions } from "../../database-options.ts";
import { checkTables } from "../tables-check.ts";
import { SqliteStore } from "./sqlite-store.ts";

/**
 * The store of a file. A new one gets its tables here; one of an older version must be migrated.
 * @throws DatabaseError
 */
export async function openSqliteStore(path: string, options: OpenDatabaseOptions = {}): Promise<SqliteStore> {
  const store = await SqliteStore.open(path);
  try {
    await checkTables(store, options, "migrate");
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
