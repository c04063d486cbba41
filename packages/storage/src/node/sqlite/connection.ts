/** A value that SQLite binds and gives back. Integers are ours: within 2^53. */
export type SqlValue = string | number | Uint8Array | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** The part of a SQLite binding that this package needs; each statement is prepared once and kept. */
export interface SqliteConnection {
  /** Statements without parameters or rows. */
  exec(sql: string): void;
  run(sql: string, ...values: readonly SqlValue[]): void;
  get(sql: string, ...values: readonly SqlValue[]): SqlRow | undefined;
  all(sql: string, ...values: readonly SqlValue[]): readonly SqlRow[];
  close(): void;
}

export interface OpenSqliteOptions {
  /** Never writes, and never creates. */
  readonly readOnly?: boolean;
}

/** Opens, and creates when missing, the database of a file. */
export type OpenSqlite = (path: string, options?: OpenSqliteOptions) => SqliteConnection;

/** Takes the write lock at once; {@link transaction} follows. */
export function begin(connection: SqliteConnection): void {
  connection.exec("BEGIN IMMEDIATE");
}

/** Ends the transaction that has begun: with all of `work`, or, when it throws, with nothing. */
export function transaction<T>(connection: SqliteConnection, work: () => T): T {
  try {
    const value = work();
    connection.exec("COMMIT");
    return value;
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}

/** SQLite has rolled back by itself after some errors: then there is nothing left to do. */
function rollBack(connection: SqliteConnection): void {
  try {
    connection.exec("ROLLBACK");
  } catch {
    // The first error is the one to tell.
  }
}
