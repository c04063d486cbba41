import { createHash } from "node:crypto";
import { type Kysely, sql } from "kysely";
import type { Tables } from "../tables.ts";
import type { CopiedTable } from "./copied-tables.ts";

/** A row of any table: numbers, texts, bytes and nulls by column, the same in both dialects. */
export type AnyRow = Readonly<Record<string, unknown>>;

export interface Batch {
  readonly rows: readonly AnyRow[];
  /** The key of the last one. */
  readonly lastId: number;
}

/** At most, in memory at once; one row may be larger. */
const batchRows = 256;
const batchBytes = 4 * 1024 * 1024;

/** The columns of each table that hold bytes, whose size is not bounded otherwise. */
export async function bytesColumns(db: Kysely<Tables>): Promise<ReadonlyMap<string, readonly string[]>> {
  const tables = await db.introspection.getTables();
  return new Map(
    tables.map(({ name, columns }) => [
      name,
      columns.filter(({ dataType }) => /^(?:bytea|blob)$/i.test(dataType)).map((column) => column.name),
    ]),
  );
}

/** The rows of a table with greater keys, in the order of their keys, a bounded part at a time. */
export async function* batchesOf(
  db: Kysely<Tables>,
  table: CopiedTable,
  columns: ReadonlyMap<string, readonly string[]>,
  after = 0,
): AsyncGenerator<Batch> {
  const sizes = (columns.get(table) ?? []).map((column) => sql`coalesce(length(${sql.ref(column)}), 0)`);
  const size = sizes.length === 0 ? sql`0` : sql.join(sizes, sql` + `);
  for (let last = after; ; ) {
    const { rows: keys } = await sql<{ readonly _id: number; readonly size: number }>`
      select _id, ${size} as size from ${sql.table(table)} where _id > ${last} order by _id limit ${batchRows}`.execute(
      db,
    );
    let bytes = 0;
    const fitting = keys.findIndex((key, index) => {
      bytes += Number(key.size);
      return index > 0 && bytes > batchBytes;
    });
    const lastId = keys.at(fitting === -1 ? -1 : fitting - 1)?._id;
    if (lastId === undefined) return;
    const { rows } = await sql<AnyRow>`
      select * from ${sql.table(table)} where _id > ${last} and _id <= ${lastId} order by _id`.execute(db);
    yield { rows, lastId };
    last = lastId;
  }
}

/** Adds rows with all their columns, keys included. */
export async function insertRows(db: Kysely<Tables>, table: CopiedTable, rows: readonly AnyRow[]): Promise<void> {
  // Few different numbers of rows: each is a statement that the database prepares.
  for (let start = 0; start < rows.length; ) {
    const count = 2 ** Math.floor(Math.log2(rows.length - start));
    const part = rows.slice(start, start + count);
    const columns = Object.keys(part[0] ?? {});
    const values = part.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`);
    const names = sql.join(columns.map((column) => sql.ref(column)));
    await sql`insert into ${sql.table(table)} (${names}) values ${sql.join(values)}`.execute(db);
    start += count;
  }
}

export async function countRows(db: Kysely<Tables>, table: CopiedTable, upTo?: number): Promise<number> {
  const condition = upTo === undefined ? sql`` : sql`where _id <= ${upTo}`;
  const counted = sql<{ readonly count: number }>`select count(*) as count from ${sql.table(table)} ${condition}`;
  return Number((await counted.execute(db)).rows[0]?.count ?? 0);
}

export async function hasRows(db: Kysely<Tables>, table: CopiedTable): Promise<boolean> {
  return (await sql`select 1 from ${sql.table(table)} limit 1`.execute(db)).rows.length > 0;
}

/** What tells the content of a table apart from any other, in whichever dialect it is. */
export class TableDigest {
  readonly #hash = createHash("sha256");

  add(rows: readonly AnyRow[]): void {
    for (const row of rows) {
      for (const column of Object.keys(row).sort()) this.#addPart(column).#addPart(row[column]);
    }
  }

  /** Each part with its kind and size: two different rows never look alike. */
  #addPart(value: unknown): this {
    if (value instanceof Uint8Array) this.#hash.update(`b${value.length}:`).update(value);
    else {
      const text = typeof value === "number" ? String(BigInt(value)) : String(value);
      this.#hash.update(`${typeof value} ${Buffer.byteLength(text)}:${text}`);
    }
    return this;
  }

  toString(): string {
    return this.#hash.digest("hex");
  }
}
