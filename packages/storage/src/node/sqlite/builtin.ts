import { cached } from "./better.ts";
import type { OpenSqlite, SqlRow, SqlValue } from "./connection.ts";

// The part of node:sqlite in use. The types of the oldest Node that we support do not know the module.
interface BuiltinStatement {
  run(...values: readonly SqlValue[]): unknown;
  get(...values: readonly SqlValue[]): SqlRow | undefined;
  all(...values: readonly SqlValue[]): readonly SqlRow[];
}
interface BuiltinDatabase {
  exec(sql: string): void;
  prepare(sql: string): BuiltinStatement;
  close(): void;
}
interface BuiltinModule {
  readonly DatabaseSync: new (path: string, options: { readonly readOnly: boolean }) => BuiltinDatabase;
}

/** Loads the SQLite of the runtime itself: Node 22.5 and later. */
export async function loadBuiltinSqlite(): Promise<OpenSqlite> {
  // A name in a variable: neither the compiler nor a bundler looks for a module that older runtimes do not have.
  const name = "node:sqlite";
  const { DatabaseSync } = (await import(name)) as BuiltinModule;
  return (path, { readOnly = false } = {}) => {
    const database = new DatabaseSync(path, { readOnly });
    const prepare = cached((sql) => database.prepare(sql));
    return {
      exec: (sql) => database.exec(sql),
      run: (sql, ...values) => {
        prepare(sql).run(...values);
      },
      get: (sql, ...values) => prepare(sql).get(...values),
      all: (sql, ...values) => prepare(sql).all(...values),
      close: () => database.close(),
    };
  };
}
