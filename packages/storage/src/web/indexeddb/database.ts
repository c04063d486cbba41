import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB, type StoreNames } from "idb";
import { storageClosed } from "../../errors.ts";
import { indexedDbError, isConnectionLost } from "./errors.ts";

export type Transaction<S extends DBSchema> = IDBPTransaction<S, StoreNames<S>[], "readwrite">;

/** The steps from one version of a database to the next; the first one creates it. None is ever changed. */
export type Migrations<S extends DBSchema> = readonly ((database: IDBPDatabase<S>) => void)[];

/** One open database, with our errors. A connection that the browser closes is opened again, once per call. */
export class Database<S extends DBSchema> {
  readonly #name: string;
  readonly #migrations: Migrations<S>;
  #connection: IDBPDatabase<S> | undefined;
  #open = true;

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
   * One transaction over these stores: all of `work` or nothing. `work` may only await requests of the transaction.
   * @throws StorageError
   */
  write<T>(stores: StoreNames<S>[], work: (transaction: Transaction<S>) => Promise<T>): Promise<T> {
    return this.read(async (connection) => {
      const transaction = connection.transaction(stores, "readwrite");
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
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #retrying<T>(work: (connection: IDBPDatabase<S>) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#connect());
    } catch (error) {
      if (!isConnectionLost(error) || !this.#open) throw error;
      this.#connection = undefined;
      return work(await this.#connect());
    }
  }

  async #connect(): Promise<IDBPDatabase<S>> {
    if (this.#connection !== undefined) return this.#connection;
    const connection = await openDB<S>(this.#name, this.#migrations.length, {
      upgrade: (database, oldVersion) => {
        for (const migrate of this.#migrations.slice(oldVersion)) migrate(database);
      },
      blocking: () => connection.close(),
      terminated: () => {
        if (this.#connection === connection) this.#connection = undefined;
      },
    });
    this.#connection = connection;
    return connection;
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
