import { BugError } from "@parsec/base";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import type { SqlDialect } from "./database.ts";
import type { Tables } from "./tables.ts";

/** Rows are plain objects by column; `changed` counts those that a statement without rows has touched. */
export interface StatementResult {
  readonly rows: readonly unknown[];
  readonly changed: number;
}

/** Runs one statement on a connection. */
export type RunStatement = (text: string, parameters: readonly unknown[]) => Promise<StatementResult>;

/**
 * The query builder on a connection that somebody else opens, locks and closes. It begins no transaction by itself.
 */
export function kyselyOn(dialect: SqlDialect, run: RunStatement): Kysely<Tables> {
  const driver = new BorrowedDriver(run);
  const isPostgres = dialect === "postgres";
  return new Kysely<Tables>({
    dialect: {
      createDriver: () => driver,
      createAdapter: () => (isPostgres ? new PostgresAdapter() : new SqliteAdapter()),
      createQueryCompiler: () => (isPostgres ? new PostgresQueryCompiler() : new SqliteQueryCompiler()),
      createIntrospector: (db) => (isPostgres ? new PostgresIntrospector(db) : new SqliteIntrospector(db)),
    },
  });
}

class BorrowedConnection implements DatabaseConnection {
  readonly #run: RunStatement;

  constructor(run: RunStatement) {
    this.#run = run;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changed } = await this.#run(sql, parameters);
    // What a row holds is what the query selected: the tables are ours.
    return { rows: rows as R[], numAffectedRows: BigInt(changed) };
  }

  streamQuery(): never {
    throw new BugError("Queries are not streamed");
  }
}

class BorrowedDriver implements Driver {
  readonly #connection: DatabaseConnection;

  constructor(run: RunStatement) {
    this.#connection = new BorrowedConnection(run);
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {}

  async beginTransaction(): Promise<never> {
    throw new BugError("Transactions are the store's");
  }

  async commitTransaction(): Promise<never> {
    throw new BugError("Transactions are the store's");
  }

  async rollbackTransaction(): Promise<never> {
    throw new BugError("Transactions are the store's");
  }

  async destroy(): Promise<void> {}
}
