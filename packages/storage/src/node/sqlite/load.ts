import { StorageError } from "../../errors.ts";
import { loadBetterSqlite } from "./better.ts";
import { loadBuiltinSqlite } from "./builtin.ts";
import type { OpenSqlite } from "./connection.ts";

/** Loads a binding; rejects when this runtime does not have it. */
export type SqliteLoader = () => Promise<OpenSqlite>;

/** better-sqlite3, else the SQLite of the runtime, in order of preference. */
const bindings: readonly SqliteLoader[] = [loadBetterSqlite, loadBuiltinSqlite];

/**
 * The first SQLite binding that loads.
 * @throws StorageError NATIVE_MODULE_MISSING
 */
export async function loadSqlite(loaders = bindings): Promise<OpenSqlite> {
  const causes: unknown[] = [];
  for (const load of loaders) {
    try {
      return await load();
    } catch (cause) {
      causes.push(cause);
    }
  }
  throw new StorageError(
    "NATIVE_MODULE_MISSING",
    "No SQLite found: install the package better-sqlite3, or use a Node that has node:sqlite",
    { cause: causes[0] },
  );
}
