import { hasCode } from "@parsec/base";
import { storageClosed } from "../../errors.ts";
import { begin, type SqliteConnection, transaction } from "./connection.ts";
import { guarded } from "./errors.ts";

/** Opens the database of a file anew, and never creates it. */
export type Reopen = () => SqliteConnection;

/**
 * One open database file, with our errors. A connection that the system has broken is opened again, once per call; what
 * had begun to be written is not tried again, since nobody knows how much of it is stored.
 */
export class SqliteFile {
  readonly #reopen: Reopen;
  #connection: SqliteConnection;
  #open = true;

  constructor(connection: SqliteConnection, reopen: Reopen) {
    this.#connection = connection;
    this.#reopen = reopen;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** @throws StorageError */
  read<T>(work: (connection: SqliteConnection) => T): T {
    return this.#reopening(() => guarded(() => work(this.#connection)));
  }

  /**
   * All of it or nothing.
   * @throws StorageError
   */
  write<T>(work: (connection: SqliteConnection) => T): T {
    this.#reopening(() => guarded(() => begin(this.#connection)));
    return guarded(() => transaction(this.#connection, () => work(this.#connection)));
  }

  /** Idempotent. Writes the `-wal` file back and removes it. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    guarded(() => this.#connection.close());
  }

  #reopening<T>(work: () => T): T {
    if (!this.#open) throw storageClosed();
    try {
      return work();
    } catch (error) {
      if (!hasCode(error, "STORAGE_UNAVAILABLE")) throw error;
      this.#replaceConnection();
      return work();
    }
  }

  #replaceConnection(): void {
    try {
      this.#connection.close();
    } catch {
      // It is broken, or was closed under us.
    }
    this.#connection = guarded(this.#reopen);
  }
}
