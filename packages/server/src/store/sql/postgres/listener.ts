import { type Clock, delay, Mutex, ParsecError, type Timer } from "@parsec/base";
import type { Client, Notification } from "pg";
import type { EventBus } from "../../../events/bus.ts";
import { DatabaseError, StoreUnavailableError } from "../../errors.ts";
import { databaseError } from "./errors.ts";
import { lockKey } from "./lock-set.ts";
import { dispatchedEvent, incomingEvent, notificationChannel } from "./notification.ts";
import type { PostgresDriver, PostgresOptions } from "./pool.ts";

/** Milliseconds between two questions whether the connection still lives, and to answer one. */
const heartbeatMs = 10_000;

/**
 * The connection on which the events of all processes arrive, in the order of the commits, those of this one included.
 * When it is lost, everybody is told of a gap, and it is made anew. It also holds the locks that outlive a transaction.
 */
export class PostgresListener {
  readonly #driver: PostgresDriver;
  readonly #options: PostgresOptions;
  readonly #bus: EventBus;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #giveUp: (error: ParsecError) => void;
  /** Resolves when the server can hear no event any more, with the reason. */
  readonly failure: Promise<ParsecError>;
  #client: Client | undefined;
  #heartbeat: Timer | undefined;
  #last: Promise<unknown> = Promise.resolve();
  /** The connection takes one query at a time. */
  #queries = new Mutex();

  constructor(driver: PostgresDriver, options: PostgresOptions, bus: EventBus, clock: Clock) {
    this.#driver = driver;
    this.#options = options;
    this.#bus = bus;
    this.#clock = clock;
    let giveUp: (error: ParsecError) => void = () => undefined;
    this.failure = new Promise((resolve) => {
      giveUp = resolve;
    });
    this.#giveUp = giveUp;
  }

  get isListening(): boolean {
    return this.#client !== undefined;
  }

  /** Connects, again and again. @throws DatabaseError after as many failures as the options say */
  async start(): Promise<void> {
    for (let failures = 0; ; ) {
      try {
        await this.#connect();
        return;
      } catch (cause) {
        failures += 1;
        if (failures >= this.#options.connectionAttempts) {
          const tries = failures === 1 ? "one attempt" : `${failures} attempts`;
          const what = `The database could not be reached in ${tries} (${reasonOf(cause)})`;
          throw new DatabaseError("DATABASE_UNAVAILABLE", `${what}: check its address and that it runs`, { cause });
        }
        await delay(this.#clock, this.#options.pauseBeforeRetryMs, { signal: this.#closing.signal });
      }
    }
  }

  /** Tries to take a lock of this connection. @throws StoreUnavailableError */
  async tryLock(key: string): Promise<boolean> {
    const { rows } = await this.#query<{ readonly taken: boolean }>(
      "select pg_try_advisory_lock(cast($1 as bigint)) as taken",
      [String(lockKey(key))],
    );
    return rows[0]?.taken === true;
  }

  /** Gives it back; a connection that is gone has done that already. */
  async unlock(key: string): Promise<void> {
    try {
      await this.#query("select pg_advisory_unlock(cast($1 as bigint))", [String(lockKey(key))]);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#heartbeat?.cancel();
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  async #connect(): Promise<void> {
    const client = this.#driver.createClient();
    client.on("error", () => this.#lost(client));
    client.on("end", () => this.#lost(client));
    client.on("notification", (notification) => this.#receive(client, notification));
    try {
      await client.connect();
      await client.query(`listen ${notificationChannel}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    if (this.#closing.signal.aborted) {
      await client.end();
      return;
    }
    this.#client = client;
    this.#queries = new Mutex();
    this.#scheduleHeartbeat(client);
  }

  /** One notification after the other, though some are read from the database first. */
  #receive(client: Client, { channel, payload: text = "" }: Notification): void {
    if (channel !== notificationChannel) return;
    const incoming = incomingEvent(text);
    if (incoming === undefined) return;
    const { eventId, payload } = incoming;
    const read = payload === undefined ? this.#readLarge(eventId) : undefined;
    this.#last = this.#last.then(async () => {
      const bytes = payload ?? (await read);
      if (client !== this.#client) return;
      const event = bytes && dispatchedEvent(eventId, bytes);
      if (bytes === undefined) this.#bus.gap();
      else if (event !== undefined) this.#bus.publish(event);
    });
  }

  /** `undefined` when it cannot be read: then an event is lost. */
  async #readLarge(eventId: string): Promise<Uint8Array | undefined> {
    try {
      const { rows } = await this.#driver.pool.query<{ readonly payload: Uint8Array }>(
        "select payload from large_event where event_id = $1",
        [eventId],
      );
      return rows[0]?.payload;
    } catch (error) {
      if (ParsecError.is(databaseError(error))) return undefined;
      throw error;
    }
  }

  #scheduleHeartbeat(client: Client): void {
    this.#heartbeat = this.#clock.timer(heartbeatMs, () => {
      const late = this.#clock.timer(heartbeatMs, () => this.#lost(client));
      this.#queries
        .run(() => client.query("select 1"))
        .then(
          () => {
            late.cancel();
            if (client === this.#client) this.#scheduleHeartbeat(client);
          },
          () => {
            late.cancel();
            this.#lost(client);
          },
        );
    });
  }

  #lost(client: Client): void {
    if (client !== this.#client) return;
    this.#client = undefined;
    this.#heartbeat?.cancel();
    client.end().catch(() => undefined);
    this.#bus.gap();
    this.start().catch((error: unknown) => {
      if (this.#closing.signal.aborted) return;
      this.#giveUp(ParsecError.is(error) ? error : new StoreUnavailableError("The database is lost", { cause: error }));
    });
  }

  async #query<R extends object>(text: string, values: readonly string[]) {
    const client = this.#client;
    if (client === undefined) throw new StoreUnavailableError("The database is not available");
    try {
      return await this.#queries.run(() => client.query<R>(text, [...values]));
    } catch (error) {
      throw databaseError(error);
    }
  }
}

/** Without what the message may quote. */
function reasonOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "code" in error) return String(error.code);
  return error instanceof Error ? error.name : "unknown reason";
}
