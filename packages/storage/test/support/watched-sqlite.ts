import type { SqliteLoader } from "../../src/node/sqlite/load.ts";
import { loadSqlite } from "../../src/node/sqlite/load.ts";

/** One call to a SQLite binding, about to be made. */
export interface SqlCall {
  readonly path: string;
  readonly kind: "open" | "exec" | "run" | "get" | "all" | "close";
  readonly sql: string;
}

/** Told before each call; may throw, and the call is then not made. */
export type SqlWatch = (call: SqlCall) => void;

/** The real binding, watched. */
export function watchedSqlite(watch: SqlWatch): readonly SqliteLoader[] {
  const load: SqliteLoader = async () => {
    const open = await loadSqlite();
    return (path) => {
      watch({ path, kind: "open", sql: "" });
      const connection = open(path);
      return {
        exec: (sql) => {
          watch({ path, kind: "exec", sql });
          connection.exec(sql);
        },
        run: (sql, ...values) => {
          watch({ path, kind: "run", sql });
          connection.run(sql, ...values);
        },
        get: (sql, ...values) => {
          watch({ path, kind: "get", sql });
          return connection.get(sql, ...values);
        },
        all: (sql, ...values) => {
          watch({ path, kind: "all", sql });
          return connection.all(sql, ...values);
        },
        close: () => {
          watch({ path, kind: "close", sql: "" });
          connection.close();
        },
      };
    };
  };
  return [load];
}

/** An error as better-sqlite3 gives it. */
export function sqliteFailure(code: string): Error {
  return Object.assign(new Error(`${code} (as planned)`), { code });
}
