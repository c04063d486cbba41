import { storageClosed } from "../../errors.ts";
import { type SqliteConnection, transaction } from "./connection.ts";
import { guarded } from "./errors.ts";

/** One open database file, with our errors. */
export class SqliteFile {
  readonly #connection: SqliteConnection;
  #open = true;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** @throws StorageError */
  read<T>(work: (connection: SqliteConnection) => T): T {
    return guarded(() => work(this.#opened()));
  }

  /**
   * All of it or nothing.
   * @throws StorageError
   */
  write(work: (connection: SqliteConnection) => void): void {
    guarded(() => {
      const connection = this.#opened();
      transaction(connection, () => work(connection));
    });
  }

  /** Idempotent. Writes the `-wal` file back and removes it. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    guarded(() => this.#connection.close());
  }

  #opened(): SqliteConnection {
    if (!this.#open) throw storageClosed();
    return this.#connection;
  }
}
