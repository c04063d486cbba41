import { systemClock } from "@parsec/base";
import { sql } from "kysely";
import type { OpenDatabaseOptions } from "../../database-options.ts";
import { DatabaseError } from "../../errors.ts";
import { checkTables } from "../tables-check.ts";
import { defaultPostgresOptions, loadPostgres } from "./pool.ts";
import { PostgresStore } from "./postgres-store.ts";

/** The oldest version that is tested for, as `server_version_num` has it. */
const oldestVersion = 130_000;

/** The store of a database. @throws DatabaseError  */
export async function openPostgresStore(url: string, options: OpenDatabaseOptions = {}): Promise<PostgresStore> {
  const { clock = systemClock, ...given } = options;
  const settings = { ...defaultPostgresOptions, ...given };
  const store = new PostgresStore(await loadPostgres(url, settings), settings, clock);
  try {
    await store.listen();
    await store.alone(async (db) => {
      const { rows } = await sql<{ readonly version: number; readonly encoding: string }>`select
        cast(current_setting('server_version_num') as integer) as version,
        current_setting('server_encoding') as encoding`.execute(db);
      const [found] = rows;
      if (found === undefined || found.version < oldestVersion) {
        throw new DatabaseError("DATABASE_UNSUITABLE", "The database is older than PostgreSQL 13: upgrade it");
      }
      if (found.encoding !== "UTF8") {
        const what = `The database has the encoding ${found.encoding}`;
        throw new DatabaseError("DATABASE_UNSUITABLE", `${what}: create one with ENCODING 'UTF8'`);
      }
    });
    await checkTables(store, options, "refuse");
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
