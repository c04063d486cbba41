import { BugError, type Clock, delay, KeyedMutex, type ParsecError, randomBytes } from "@parsec/base";
import type { Kysely } from "kysely";
import { EventBus } from "../../../events/bus.ts";
import { type DispatchedEvent, newlyDispatched, type ServerEvent } from "../../../events/event.ts";
import { StoreUnavailableError } from "../../errors.ts";
import type { Outcome, Store, Transaction, TransactionOrigin } from "../../port/store.ts";
import { kyselyOn } from "../kysely.ts";
import type { MigratableDatabase } from "../migrate.ts";
import { removeEverything } from "../reset.ts";
import type { StatementRunner } from "../statement-runner.ts";
import type { Tables } from "../tables.ts";
import { openTransaction } from "../transaction.ts";
import { Attempt, type Plan, Restart, snapshotPlan } from "./attempt.ts";
import { databaseError, isBrokenRule, isConflict } from "./errors.ts";
import { PostgresListener } from "./listener.ts";
import { type Lock, LockSet, lockKey } from "./lock-set.ts";
import { notificationChannel, outgoingEvent } from "./notification.ts";
import type { PostgresDriver, PostgresOptions } from "./pool.ts";
import { PostgresSession } from "./session.ts";

/** How often a transaction is tried again because of others; a rule broken as often is a bug. */
const conflictLimit = 8;
const brokenRuleLimit = 3;
/** How often it is begun again with more locks: more than there are kinds of them. */
const beginningLimit = 20;

/** Microseconds that the bytes of a large event are kept: far longer than a process takes to read them. */
const largeEventLifetime = 600 * 1_000_000;

/** The store in a PostgreSQL database that several processes may share. How it holds together: docs/server-store.md. */
export class PostgresStore implements Store, MigratableDatabase, StatementRunner {
  readonly dialect = "postgres";
  readonly #driver: PostgresDriver;
  readonly #clock: Clock;
  readonly #bus = new EventBus();
  readonly #listener: PostgresListener;
  readonly #exclusive = new KeyedMutex<string>();
  /** What each command has needed the last time, without organization. */
  readonly #expected = new Map<string, readonly Lock[]>();
  #closed = false;

  constructor(driver: PostgresDriver, options: PostgresOptions, clock: Clock) {
    this.#driver = driver;
    this.#clock = clock;
    this.#listener = new PostgresListener(driver, options, this.#bus, clock);
    // A connection that is lost while nobody uses it: the pool has dropped it. One that is lost between two statements of a
    // transaction is told to its client alone, which ends the process unless somebody listens: the next statement fails.
    driver.pool.on("error", () => undefined);
    driver.pool.on("connect", (client) => client.on("error", () => undefined));
  }

  get failure(): Promise<ParsecError> {
    return this.#listener.failure;
  }

  /** Begins to hear events. @throws DatabaseError when the database cannot be reached */
  async listen(): Promise<void> {
    await this.#listener.start();
  }

  async transaction<T>(run: (tx: Transaction) => Promise<Outcome<T>>, origin?: TransactionOrigin): Promise<T> {
    let plan = this.#planFor(origin);
    for (let [beginnings, conflicts, brokenRules] = [0, 0, 0]; ; ) {
      try {
        const done = await this.#try(run, plan, origin);
        if ("value" in done) return done.value;
        plan = done.next;
        beginnings += 1;
        if (beginnings >= beginningLimit) throw new BugError("A transaction needs other locks each time");
      } catch (error) {
        if (isConflict(error)) conflicts += 1;
        else if (isBrokenRule(error)) brokenRules += 1;
        else throw error;
        if (brokenRules >= brokenRuleLimit) {
          const what = "A query breaks a rule of the database: what it inserts exists already, or names what does not";
          throw new BugError(what, { cause: error });
        }
        if (conflicts >= conflictLimit) {
          throw new StoreUnavailableError("Too many transactions were in the way", { cause: error });
        }
        await delay(this.#clock, backOff(conflicts + brokenRules));
      }
    }
  }

  /** One try: its value, or how to begin anew. */
  async #try<T>(
    run: (tx: Transaction) => Promise<Outcome<T>>,
    plan: Plan,
    origin: TransactionOrigin | undefined,
  ): Promise<{ readonly value: T } | { readonly next: Plan }> {
    const session = await this.#connect();
    const attempt = new Attempt(session, plan);
    const transaction = openTransaction(
      "postgres",
      async (text, parameters) => {
        attempt.check();
        return await session.run(text, parameters);
      },
      attempt,
      attempt,
    );
    let isOpen = true;
    try {
      await attempt.begin();
      const { end, value } = await run(transaction.tx);
      transaction.finish();
      if (session.failure !== undefined) throw session.failure.error;
      if (attempt.next !== undefined) return { next: attempt.next };
      // Several statements without lock see several states: what was only read is read again, from one snapshot.
      const hasOnlyRead = !attempt.hasLockedOrWritten && transaction.events.length === 0;
      if (plan.kind === "write" && hasOnlyRead) return { next: snapshotPlan };
      if (end === "commit") {
        await this.#send(session, attempt, transaction.events);
        await session.commit();
        isOpen = false;
      }
      if (origin !== undefined) this.#remember(origin, plan, attempt);
      return { value };
    } catch (error) {
      if (attempt.next !== undefined && (error instanceof Restart || session.failure === undefined)) {
        return { next: attempt.next };
      }
      throw session.failure?.error ?? error;
    } finally {
      transaction.finish();
      if (isOpen) await session.rollBack();
      session.release();
    }
  }

  /** Tells the other processes when the transaction commits, in its order. */
  async #send(session: PostgresSession, attempt: Attempt, events: readonly ServerEvent[]): Promise<void> {
    if (events.length === 0) return;
    const outgoing = events.map((event) => outgoingEvent(newlyDispatched(event)));
    const large = outgoing.filter(({ payload }) => payload !== undefined);
    if (large.length > 0) attempt.mustWrite();
    const now = this.#clock.now();
    for (const { eventId, payload } of large) {
      await session.run("insert into large_event (event_id, payload, created_on) values ($1, $2, $3)", [
        eventId,
        payload,
        now,
      ]);
      await session.run("delete from large_event where created_on < $1", [now - largeEventLifetime]);
    }
    const texts = outgoing.map(({ text }) => text);
    await session.run(
      `select pg_notify('${notificationChannel}', text) from unnest(cast($1 as text[])) with ordinality as each(text, place) order by place`,
      [texts],
    );
  }

  #planFor(origin: TransactionOrigin | undefined): Plan {
    const expected = origin && this.#expected.get(origin.command);
    if (origin === undefined || expected === undefined) return snapshotPlan;
    const { organizationId } = origin;
    const locks = expected.flatMap((lock): readonly Lock[] => {
      if (lock.name === "accounts") return [lock];
      return organizationId === null ? [] : [{ ...lock, organizationId }];
    });
    return locks.length === 0 ? snapshotPlan : { kind: "write", locks: new LockSet(locks) };
  }

  #remember({ command }: TransactionOrigin, plan: Plan, attempt: Attempt): void {
    if (plan.kind === "snapshot") {
      this.#expected.delete(command);
      return;
    }
    this.#expected.set(
      command,
      [...attempt.needed].map((lock) => ({ ...lock, organizationId: null })),
    );
  }

  async #connect(): Promise<PostgresSession> {
    if (this.#closed) throw new StoreUnavailableError("The store is closed");
    try {
      return new PostgresSession(await this.#driver.pool.connect());
    } catch (error) {
      throw databaseError(error);
    }
  }

  async statement<T>(run: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    const session = await this.#connect();
    try {
      return await run(kyselyOn("postgres", (text, parameters) => session.run(text, parameters)));
    } finally {
      session.release();
    }
  }

  async alone<T>(run: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return await this.#between(`begin; select pg_advisory_xact_lock(${lockKey("migrations")})`, run);
  }

  async snapshot<T>(run: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    // It may have to wait for something else than the database.
    const patient = "set local idle_in_transaction_session_timeout = 0";
    return await this.#between(`begin isolation level repeatable read read only; ${patient}`, run);
  }

  /** Between `begin` and a commit, or a rollback when `run` throws. */
  async #between<T>(begin: string, run: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    const session = await this.#connect();
    let isOpen = true;
    try {
      await session.exec(begin);
      const result = await run(kyselyOn("postgres", (text, parameters) => session.run(text, parameters)));
      await session.commit();
      isOpen = false;
      return result;
    } finally {
      if (isOpen) await session.rollBack();
      session.release();
    }
  }

  async exclusively<T>(key: string, run: () => Promise<T>): Promise<T> {
    return await this.#exclusive.run(key, async () => {
      for (let tries = 1; !(await this.#listener.tryLock(key)); tries += 1) await delay(this.#clock, backOff(tries));
      try {
        return await run();
      } finally {
        await this.#listener.unlock(key);
      }
    });
  }

  subscribe(listener: (event: DispatchedEvent) => void, onGap?: () => void): () => void {
    if (!this.#listener.isListening) onGap?.();
    return this.#bus.subscribe(listener, onGap);
  }

  async reset(): Promise<void> {
    await this.alone(removeEverything);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#bus.close();
    await Promise.all([this.#listener.close(), this.#driver.pool.end()]);
  }
}

/** Milliseconds to wait before the n-th try again, not the same for two who were in each other's way. */
function backOff(tries: number): number {
  const [byte = 0] = randomBytes(1);
  return Math.min(200, 2 ** tries) * (0.5 + byte / 256);
}
