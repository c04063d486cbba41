import { breathe, hasCode } from "@parsec/base";
import { storageClosed } from "../../errors.ts";
import { begin, type SqliteConnection, transaction } from "./connection.ts";
import { guarded } from "./errors.ts";
import { countPages, giveBackPages, type PageCounts, restoreAutoVacuum } from "./schema.ts";

/** 4 MiB in pages of the default size. */
const pagesAtOnce = 1024;

/** At least 16 MiB, and so much of the file that little has to be moved for it. */
function isMostlyEmpty({ all, free }: PageCounts): boolean {
  return free >= 4096 && 4 * free >= 3 * all;
}

/** Opens the database of a file anew, and never creates it. */
export type Reopen = () => SqliteConnection;

/**
 * One open database file, with our errors. A connection that the system has broken is opened again, once per call; what
 * had begun to be written is not tried again, since nobody knows how much of it is stored.
 */
export class SqliteFile {
  readonly #reopen: Reopen;
  readonly #autoVacuum: boolean;
  #connection: SqliteConnection;
  #open = true;

  constructor(connection: SqliteConnection, options: { readonly reopen: Reopen; readonly autoVacuum: boolean }) {
    this.#connection = connection;
    this.#reopen = options.reopen;
    this.#autoVacuum = options.autoVacuum;
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

  /** After something was deleted: gives space back to the file system when much of the file is empty. */
  async giveBackSpace(): Promise<void> {
    if (isMostlyEmpty(this.read(countPages))) await this.#giveBackAll();
  }

  async #giveBackAll(): Promise<void> {
    for (let free = Number.POSITIVE_INFINITY; ; ) {
      const now = this.read(countPages).free;
      if (now === 0 || now >= free) break;
      free = now;
      this.read((connection) => giveBackPages(connection, pagesAtOnce));
      await breathe();
    }
    // The file gets shorter when the write-ahead log is written back.
    this.read((connection) => connection.exec("PRAGMA wal_checkpoint"));
  }

  /** Gives back all space that it can, and closes. */
  async finish(): Promise<void> {
    try {
      if (this.#open) await this.#giveBackAll();
    } catch {
      // It stays for the next time.
    }
    this.close();
  }

  /** Idempotent. Writes the `-wal` file back and removes it. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      if (this.#autoVacuum) restoreAutoVacuum(this.#connection);
    } catch {
      // Who opens the file sets the mode.
    }
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
