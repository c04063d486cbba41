import { type Kysely, sql } from "kysely";
import { CopyError } from "../../errors.ts";
import { type MigratableDatabase, migrate, migrationsPending, pendingMigrations } from "../migrate.ts";
import type { Tables } from "../tables.ts";
import { copiedTables } from "./copied-tables.ts";
import { hasRows } from "./rows.ts";

// The target of a copy, from its first row to the last: no server opens it meanwhile.

/** How far a copy has come: to this row of this table, all before included. */
export interface Position {
  readonly table: string | null;
  readonly lastId: number;
}

/** A database without tables gets them. */
export async function prepareTarget(to: MigratableDatabase): Promise<void> {
  const { pending, isEmpty } = await pendingMigrations(to);
  if (isEmpty) await migrate(to);
  else if (pending.length > 0) throw migrationsPending(pending);
}

/** Marks the target, which is empty or the half of this very copy. */
export async function beginCopy(to: MigratableDatabase, state: string): Promise<Position> {
  return await to.alone(async (db) => {
    const unfinished = await db.selectFrom("unfinished_copy").selectAll().executeTakeFirst();
    if (unfinished !== undefined) {
      if (unfinished.source === state) return { table: unfinished.table_name, lastId: unfinished.last_id };
      const what = "The target holds a part of another database, or of what this one was when the copy began";
      throw new CopyError("COPY_OF_ANOTHER", `${what}: remove it, or copy into another one`);
    }
    for (const table of copiedTables) {
      if (await hasRows(db, table)) {
        throw new CopyError("TARGET_NOT_EMPTY", "The target is not empty: copy into a new database");
      }
    }
    await db.insertInto("unfinished_copy").values({ source: state, table_name: null, last_id: 0 }).execute();
    return { table: null, lastId: 0 };
  });
}

/** Notes how far the copy has come, which nobody else may have changed. */
export async function moveOn(db: Kysely<Tables>, at: Position, next: Position): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable("unfinished_copy")
    .set({ table_name: next.table, last_id: next.lastId })
    .where("table_name", at.table === null ? "is" : "=", at.table)
    .where("last_id", "=", at.lastId)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 1n) return;
  throw new CopyError("TARGET_IN_USE", "Somebody else copies into the target: wait for that");
}

/** From now on the target is a database like any other. */
export async function finishCopy(to: MigratableDatabase): Promise<void> {
  await to.alone(async (db) => {
    // Keys that PostgreSQL gives go on behind those that came with their rows.
    if (to.dialect === "postgres") {
      for (const table of copiedTables) {
        const sequence = sql`pg_get_serial_sequence(${table}, '_id')`;
        await sql`select setval(${sequence}, max(_id)) from ${sql.table(table)} having max(_id) is not null`.execute(
          db,
        );
      }
    }
    await db.deleteFrom("unfinished_copy").execute();
  });
}
