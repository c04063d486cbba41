import type { OpenSqlite, SqliteConnection, SqlRow, SqlValue } from "./connection.ts";

/** Loads better-sqlite3, an optional dependency with a native module. */
export async function loadBetterSqlite(): Promise<OpenSqlite> {
  const { default: Database } = await import("better-sqlite3");
  // Opening a database is what loads the native module: its absence must show here.
  new Database(":memory:").close();
  return (path, { readOnly = false } = {}) => {
    const database = new Database(path, { timeout: 0, readonly: readOnly, fileMustExist: readOnly });
    const prepare = cached((sql) => database.prepare<SqlValue[], SqlRow>(sql));
    const connection: SqliteConnection = {
      exec: (sql) => {
        database.exec(sql);
      },
      run: (sql, ...values) => {
        prepare(sql).run(...values);
      },
      get: (sql, ...values) => prepare(sql).get(...values),
      all: (sql, ...values) => prepare(sql).all(...values),
      close: () => {
        database.close();
      },
    };
    return connection;
  };
}

/** Keeps what `make` gave for each text. */
export function cached<T>(make: (sql: string) => T): (sql: string) => T {
  const known = new Map<string, T>();
  return (sql) => {
    const value = known.get(sql) ?? make(sql);
    known.set(sql, value);
    return value;
  };
}
