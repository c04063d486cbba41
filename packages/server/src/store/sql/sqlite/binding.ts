import { DatabaseError } from "../../errors.ts";
import type { StatementResult } from "../kysely.ts";

/** The part of a SQLite binding that the store needs; each statement is prepared once and kept. */
export interface SqliteBinding {
  /** Statements without parameters or rows. */
  exec(sql: string): void;
  run(sql: string, parameters: readonly unknown[]): StatementResult;
  close(): void;
}

/** Opens, and creates when missing, the database of a file. */
export type OpenSqlite = (path: string) => SqliteBinding;

interface Statement {
  all(...parameters: readonly unknown[]): readonly unknown[];
  run(...parameters: readonly unknown[]): { readonly changes: number | bigint };
}
interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): unknown;
}

/** Statements kept prepared; far more than there are named queries. */
const preparedLimit = 1000;

/** better-sqlite3, else the SQLite of the runtime. @throws DatabaseError `NATIVE_MODULE_MISSING` */
export async function loadSqlite(loaders = [loadBetterSqlite, loadBuiltinSqlite]): Promise<OpenSqlite> {
  const causes: unknown[] = [];
  for (const load of loaders) {
    try {
      return await load();
    } catch (cause) {
      causes.push(cause);
    }
  }
  throw new DatabaseError(
    "NATIVE_MODULE_MISSING",
    "No SQLite found: install the package better-sqlite3, or use a Node that has node:sqlite",
    { cause: causes[0] },
  );
}

/** An optional dependency with a native module. */
async function loadBetterSqlite(): Promise<OpenSqlite> {
  const { default: BetterSqlite } = await import("better-sqlite3");
  // Opening a database is what loads the native module: its absence must show here.
  new BetterSqlite(":memory:").close();
  return (path) => bindingOf(new BetterSqlite(path, { timeout: 0 }));
}

/** The SQLite of Node 22.5 and later. */
async function loadBuiltinSqlite(): Promise<OpenSqlite> {
  // A name in a variable: neither the compiler nor a bundler looks for a module that older runtimes do not have.
  const name = "node:sqlite";
  const { DatabaseSync } = (await import(name)) as { readonly DatabaseSync: new (path: string) => Database };
  return (path) => bindingOf(new DatabaseSync(path));
}

function bindingOf(database: Database): SqliteBinding {
  const prepared = new Map<string, Statement>();
  const prepare = (sql: string): Statement => {
    const known = prepared.get(sql);
    if (known !== undefined) return known;
    if (prepared.size >= preparedLimit) prepared.clear();
    const statement = database.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
  return {
    exec: (sql) => {
      database.exec(sql);
    },
    run: (sql, parameters) => {
      const statement = prepare(sql);
      if (givesRows(sql)) return { rows: statement.all(...parameters), changed: 0 };
      return { rows: [], changed: Number(statement.run(...parameters).changes) };
    },
    close: () => {
      database.close();
    },
  };
}

function givesRows(sql: string): boolean {
  return /^\s*(?:select|with|values|pragma|explain)\b|\breturning\b/i.test(sql);
}
