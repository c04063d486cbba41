import { closeSync, openSync } from "node:fs";
import { BugError, KeyedMutex, Mutex, ParsecError } from "@parsec/base";
import type { Kysely } from "kysely";
import { EventBus } from "../../../events/bus.ts";
import { type DispatchedEvent, newlyDispatched } from "../../../events/event.ts";
import { DatabaseError, StoreUnavailableError } from "../../errors.ts";
import type { Outcome, Store, Transaction } from "../../port/store.ts";
import type { WriteGuard } from "../database.ts";
import { kyselyOn, type RunStatement } from "../kysely.ts";
import type { MigratableDatabase } from "../migrate.ts";
import { removeEverything } from "../reset.ts";
import type { StatementRunner } from "../statement-runner.ts";
import type { Tables } from "../tables.ts";
import { openTransaction, type TopicLocks } from "../transaction.ts";
import { loadSqlite, type SqliteBinding } from "./binding.ts";
import { hasResultCode, resultCode } from "./result-code.ts";

const nothing = async () => undefined;
/** Transactions run one after the other: what one has read cannot change before it ends. */
const noGuard: WriteGuard = {
  shared: nothing,
  exclusive: nothing,
  tryExclusive: async () => true,
  family: nothing,
  accounts: nothing,
};
const noLocks: TopicLocks = { lock: nothing, lockAll: nothing };

/**
 * The store in one SQLite file, which no other process may open meanwhile. A transaction that has committed is on the
 * disk: the file is in WAL mode and every commit is synchronised.
 */
export class SqliteStore implements Store, MigratableDatabase, StatementRunner {
  readonly dialect = "sqlite";
  readonly failure = new Promise<never>(() => undefined);
  readonly #turn = new Mutex();
  readonly #exclusive = new KeyedMutex<string>();
  readonly #bus = new EventBus();
  readonly #binding: SqliteBinding;
  readonly #run: RunStatement;
  #closed = false;

  private constructor(binding: SqliteBinding) {
    this.#binding = binding;
    this.#run = async (text, parameters) => {
      try {
        return binding.run(text, parameters);
      } catch (error) {
        throw statementError(error);
      }
    };
  }

  /** Opens the file, creating it when there is none. @throws DatabaseError */
  static async open(path: string, open?: (path: string) => SqliteBinding): Promise<SqliteStore> {
    const openFile = open ?? (await loadSqlite());
    let binding: SqliteBinding | undefined;
    try {
      // The file holds secrets of one-time passwords and accounts: a new one is for this user alone.
      closeSync(openSync(path, "a", 0o600));
      binding = openFile(path);
      // The order matters: the lock is taken by the first access in this mode, and WAL then needs no shared memory.
      binding.exec("PRAGMA locking_mode = EXCLUSIVE");
      binding.exec("PRAGMA journal_mode = WAL");
      binding.exec("PRAGMA synchronous = FULL");
      binding.exec("PRAGMA foreign_keys = ON");
      binding.exec("PRAGMA cache_size = -32768");
      binding.exec("BEGIN EXCLUSIVE");
      binding.exec("COMMIT");
      return new SqliteStore(binding);
    } catch (cause) {
      binding?.close();
      throw openingError(path, cause);
    }
  }

  async transaction<T>(run: (tx: Transaction) => Promise<Outcome<T>>): Promise<T> {
    return await this.#turn.run(async () => {
      const transaction = openTransaction("sqlite", this.#run, noGuard, noLocks);
      try {
        const { end, value } = await this.#inTransaction(
          async () => await run(transaction.tx),
          (outcome) => outcome.end,
        );
        if (end === "commit") for (const event of transaction.events) this.#bus.publish(newlyDispatched(event));
        return value;
      } finally {
        transaction.finish();
      }
    });
  }

  async statement<T>(run: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return await this.alone(run);
  }

  async alone<T>(run: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return await this.#turn.run(() =>
      this.#inTransaction(
        () => run(kyselyOn("sqlite", this.#run)),
        () => "commit",
      ),
    );
  }

  async snapshot<T>(run: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return await this.alone(run);
  }

  /** Between BEGIN and what `endOf` the result says; an error rolls back. */
  async #inTransaction<T>(run: () => Promise<T>, endOf: (result: T) => "commit" | "rollback"): Promise<T> {
    if (this.#closed) throw new StoreUnavailableError("The store is closed");
    this.#exec("BEGIN");
    let result: T;
    try {
      result = await run();
      if (endOf(result) === "commit") {
        this.#exec("COMMIT");
        return result;
      }
    } catch (error) {
      this.#rollBack();
      throw error;
    }
    this.#rollBack();
    return result;
  }

  #exec(sql: string): void {
    try {
      this.#binding.exec(sql);
    } catch (error) {
      throw statementError(error);
    }
  }

  /** SQLite has rolled back by itself after some errors: then there is nothing left to do. */
  #rollBack(): void {
    try {
      this.#binding.exec("ROLLBACK");
    } catch {
      // The first error is the one to tell.
    }
  }

  async exclusively<T>(key: string, run: () => Promise<T>): Promise<T> {
    return await this.#exclusive.run(key, run);
  }

  subscribe(listener: (event: DispatchedEvent) => void, onGap?: () => void): () => void {
    return this.#bus.subscribe(listener, onGap);
  }

  async reset(): Promise<void> {
    await this.alone(removeEverything);
  }

  async close(): Promise<void> {
    await this.#turn.run(() => {
      if (this.#closed) return;
      this.#closed = true;
      this.#bus.close();
      this.#binding.close();
    });
  }
}

/** An error of a statement in our words; ours pass. */
function statementError(error: unknown): unknown {
  if (ParsecError.is(error)) return error;
  if (hasResultCode(error, "SQLITE_CONSTRAINT")) {
    return new BugError(
      "A query breaks a rule of the database: what it inserts exists already, or names what does not",
      {
        cause: error,
      },
    );
  }
  if (hasResultCode(error, "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CORRUPT", "SQLITE_NOTADB")) {
    return new StoreUnavailableError(`The database cannot be used (${resultCode(error)})`, { cause: error });
  }
  return error;
}

function openingError(path: string, cause: unknown): DatabaseError {
  if (hasResultCode(cause, "SQLITE_BUSY", "SQLITE_LOCKED")) {
    const what = `The database ${path} is open in another process: stop that one, or give another file`;
    return new DatabaseError("DATABASE_IN_USE", what, { cause });
  }
  const what = `The database ${path} cannot be opened (${resultCode(cause)}): check its folder and its permissions`;
  return new DatabaseError("DATABASE_UNAVAILABLE", what, { cause });
}
