import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from "idb";
import { StorageError, storageClosed } from "../../errors.ts";
import { indexedDbError, isConnectionLost } from "./errors.ts";

export type Transaction<S extends DBSchema> = IDBPTransaction<S, StoreNames<S>[], "readwrite">;

/**
 * One step from a version of a database to the next; the first one creates it. None is ever changed. It may only await
 * requests of the transaction.
 */
export type Migration<S extends DBSchema> = (
  database: IDBPDatabase<S>,
  transaction: UpgradeTransaction<S>,
) => Promise<void> | void;
type UpgradeTransaction<S extends DBSchema> = IDBPTransaction<S, StoreNames<S>[], "versionchange">;
export type Migrations<S extends DBSchema> = readonly Migration<S>[];

/** One open database, with our errors. A connection that the browser closes is opened again, once per call. */
export class Database<S extends DBSchema> {
  readonly #name: string;
  readonly #migrations: Migrations<S>;
  #connection: IDBPDatabase<S> | undefined;
  #open = true;
  #wasOpen = false;
  #connecting: Promise<IDBPDatabase<S>> | undefined;

  private constructor(name: string, migrations: Migrations<S>) {
    this.#name = name;
    this.#migrations = migrations;
  }

  /** @throws StorageError */
  static async open<S extends DBSchema>(name: string, migrations: Migrations<S>): Promise<Database<S>> {
    const database = new Database(name, migrations);
    await database.read(async () => undefined);
    return database;
  }

  /** @throws StorageError */
  async read<T>(work: (connection: IDBPDatabase<S>) => Promise<T>): Promise<T> {
    if (!this.#open) throw storageClosed();
    try {
      return await this.#retrying(work);
    } catch (error) {
      throw indexedDbError(error);
    }
  }

  /**
   * One transaction over these stores: all of `work` or nothing, and on the disk when this resolves unless it is
   * `relaxed`. `work` may only await requests of the transaction.
   * @throws StorageError
   */
  write<T>(
    stores: StoreNames<S>[],
    work: (transaction: Transaction<S>) => Promise<T>,
    durability: "strict" | "relaxed" = "strict",
  ): Promise<T> {
    return this.read(async (connection) => {
      const transaction = connection.transaction(stores, "readwrite", { durability });
      try {
        const value = await work(transaction);
        await transaction.done;
        return value;
      } catch (error) {
        throw await abort(transaction, error);
      }
    });
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#open = false;
    this.#letGo();
  }

  /** The next call opens it again. */
  #letGo(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #retrying<T>(work: (connection: IDBPDatabase<S>) => Promise<T>): Promise<T> {
    const connection = await this.#connect();
    try {
      return await work(connection);
    } catch (error) {
      const isLost = isConnectionLost(error) || this.#connection !== connection;
      if (!isLost || !this.#open) throw error;
      if (this.#connection === connection) this.#letGo();
      return work(await this.#connect());
    }
  }

  async #connect(): Promise<IDBPDatabase<S>> {
    if (this.#connection !== undefined) return this.#connection;
    this.#connecting ??= this.#openConnection();
    try {
      const connection = await this.#connecting;
      if (!this.#open) {
        connection.close();
        throw storageClosed();
      }
      this.#connection = connection;
      this.#wasOpen = true;
      return connection;
    } finally {
      this.#connecting = undefined;
    }
  }

  async #openConnection(): Promise<IDBPDatabase<S>> {
    let failure: unknown;
    const opening = openDB<S>(this.#name, this.#migrations.length, {
      upgrade: (database, oldVersion, _, transaction) => {
        // Its end is that of `opening`.
        transaction.done.catch(() => undefined);
        void this.#migrate(database, oldVersion, transaction).catch((error: unknown) => {
          failure = error;
          transaction.abort();
        });
      },
      blocking: () => this.#letGo(),
      terminated: () => this.#letGo(),
    });
    try {
      return await opening;
    } catch (error) {
      throw failure ?? error;
    }
  }

  async #migrate(database: IDBPDatabase<S>, oldVersion: number, transaction: UpgradeTransaction<S>): Promise<void> {
    // Opened again, and empty: what was acknowledged would be gone without a word.
    if (this.#wasOpen && oldVersion === 0) throw databaseGone();
    for (const migrate of this.#migrations.slice(oldVersion)) await migrate(database, transaction);
  }
}

/** Undoes what was done, and gives the reason: a request fails for the reason of its transaction, if that has one. */
async function abort<S extends DBSchema>(transaction: Transaction<S>, error: unknown): Promise<unknown> {
  try {
    transaction.abort();
  } catch {
    // It has ended already.
  }
  await transaction.done.catch(() => undefined);
  return transaction.error ?? error;
}

/** The bytes alone: a view would be stored with all of its buffer. */
export function stored(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}

function databaseGone(): StorageError {
  return new StorageError(
    "STORAGE_UNAVAILABLE",
    "The browser has removed a local database that was in use: log in again",
  );
}
