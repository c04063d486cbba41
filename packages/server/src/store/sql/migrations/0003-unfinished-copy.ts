import { integer, orNull, type TableBuilder, text } from "./table-builder.ts";

/** Whether the database is one half of a copy, and of what: at most one row. */
export async function unfinishedCopy(tables: TableBuilder): Promise<void> {
  await tables.table("unfinished_copy", { source: text, table_name: orNull(text), last_id: integer });
}
