import { type ColumnDataType, type CreateTableBuilder, type Expression, type Kysely, type SqlBool, sql } from "kysely";
import type { SqlDialect } from "../database.ts";
import type { Tables } from "../tables.ts";

/** A kind of column, the same in both dialects. */
export interface Column {
  readonly kind: "id" | "integer" | "flag" | "text" | "bytes";
  readonly isNullable: boolean;
  /** The table whose row this one goes with. */
  readonly owner?: string;
  /** The texts that the column may hold. */
  readonly values?: readonly string[];
}

const column = (kind: Column["kind"]): Column => ({ kind, isNullable: false });

/** 16 bytes, seen as 32 hex digits. */
export const id = column("id");
/** A whole number of 64 bits. */
export const integer = column("integer");
/** Microseconds since the epoch. */
export const date = column("integer");
/** 0 or 1. */
export const flag = column("flag");
export const text = column("text");
export const bytes = column("bytes");

export function oneOf(...values: readonly string[]): Column {
  return { ...text, values };
}

export function orNull(column: Column): Column {
  return { ...column, isNullable: true };
}

/** The key of a row of another table: when that goes, this goes. */
export function ownedBy(owner: string): Column {
  return { ...integer, owner };
}

export interface TableOptions {
  readonly unique?: readonly (readonly string[])[];
  readonly indexes?: readonly IndexOptions[];
}

export interface IndexOptions {
  readonly on: readonly string[];
  readonly unique?: boolean;
  /** Only the rows for which this holds. */
  readonly where?: Expression<SqlBool>;
}

/** Makes tables in one of the two dialects. */
export class TableBuilder {
  readonly #db: Kysely<Tables>;
  readonly #dialect: SqlDialect;

  constructor(db: Kysely<Tables>, dialect: SqlDialect) {
    this.#db = db;
    this.#dialect = dialect;
  }

  /** A table with the key `_id`. */
  async table(name: string, columns: Readonly<Record<string, Column>>, options: TableOptions = {}): Promise<void> {
    let table: CreateTableBuilder<string, string> = this.#numbered(this.#db.schema.createTable(name));
    for (const [columnName, { kind, isNullable, owner, values }] of Object.entries(columns)) {
      table = table.addColumn(columnName, this.#typeOf(kind), (definition) => {
        let defined = isNullable ? definition : definition.notNull();
        if (owner !== undefined) defined = defined.references(`${owner}._id`).onDelete("cascade");
        if (values === undefined) return defined;
        return defined.check(sql`${sql.ref(columnName)} in (${sql.join(values.map((value) => sql.lit(value)))})`);
      });
    }
    // SQLite checks the types of columns in strict tables only.
    await (this.#dialect === "sqlite" ? table.modifyEnd(sql`strict`) : table).execute();
    const unique = (options.unique ?? []).map((on) => ({ on, unique: true }));
    for (const index of [...unique, ...(options.indexes ?? [])]) await this.index(name, index);
  }

  /** A column that may be null: the rows that are there have none. */
  async addColumn(table: string, name: string, { kind }: Column): Promise<void> {
    await this.#db.schema.alterTable(table).addColumn(name, this.#typeOf(kind)).execute();
  }

  #numbered(table: CreateTableBuilder<string, never>): CreateTableBuilder<string, string> {
    if (this.#dialect === "sqlite") return table.addColumn("_id", "integer", (key) => key.primaryKey());
    return table.addColumn("_id", "bigint", (key) => key.generatedByDefaultAsIdentity().primaryKey());
  }

  async index(table: string, { on, unique, where }: IndexOptions): Promise<void> {
    const suffix = where === undefined ? "" : "_some";
    let index = this.#db.schema
      .createIndex(`${table}_${on.join("_")}${suffix}`)
      .on(table)
      .columns([...on]);
    if (unique === true) index = index.unique();
    await (where === undefined ? index : index.where(where)).execute();
  }

  #typeOf(kind: Column["kind"]): ColumnDataType | Expression<unknown> {
    if (this.#dialect === "postgres") {
      return ({ id: "uuid", integer: "bigint", flag: "smallint", text: "text", bytes: "bytea" } as const)[kind];
    }
    return ({ id: "text", integer: "integer", flag: "integer", text: "text", bytes: "blob" } as const)[kind];
  }
}
