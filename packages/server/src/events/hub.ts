import { eventFrame, missedEventsFrame } from "@parsec/protocol";
import { HttpAbort } from "../http-abort.ts";
import { StoreUnavailableError } from "../store/errors.ts";
import type { OrganizationRow } from "../store/port/organizations.ts";
import type { Store, Transaction } from "../store/port/store.ts";
import { apiEventOf } from "./api-event.ts";
import { type ClientEvent, type DispatchedEvent, isClientEvent } from "./event.ts";
import { EventStream } from "./event-stream.ts";
import type { Subscriber } from "./subscriber.ts";

/** A reconnecting client that missed more events than this is only told so (spec 08a §6.4). */
const replayLimit = 100;

interface Connection {
  readonly subscriber: Subscriber;
  readonly stream: EventStream;
}

/** What a new stream is made from, read in one transaction. */
export interface Registration {
  readonly organization: OrganizationRow;
  readonly subscriber: Subscriber;
}

export interface OpenStream {
  readonly organization: OrganizationRow;
  readonly stream: EventStream;
  /** Ends the stream and forgets it. */
  close(): void;
}

/** Gives the events of the store to the clients that they concern, and keeps the last ones for those that come back. */
export class EventHub {
  readonly #store: Store;
  readonly #connections = new Set<Connection>();
  readonly #unsubscribe: () => void;
  /** Each event is written once, whatever the number of those who get it. */
  readonly #frames = new WeakMap<ClientEvent, string>();
  #cache: DispatchedEvent<ClientEvent>[] = [];
  #closed = false;
  /** How often every stream was ended: one that was being opened meanwhile ends too. */
  #endings = 0;

  constructor(store: Store, cacheSize: () => number) {
    this.#store = store;
    this.#unsubscribe = store.subscribe(
      (dispatched) => this.#take(dispatched, cacheSize()),
      // What was lost nobody knows: clients come back, are told that events are missing, and look for themselves.
      () => this.endAll({ forget: true }),
    );
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** How many clients are told of events. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /**
   * Opens a stream. `register` reads who listens; `greet` gives the first frame. Events committed while the
   * transaction runs are not lost: they are applied on top of what it read (spec 08a §6.2), those that end the stream
   * among them.
   * @throws HttpAbort `stopping` when the hub was closed meanwhile, and what `register` throws
   * @throws StoreUnavailableError when events cannot be heard now
   */
  async open(
    register: (tx: Transaction) => Promise<Registration>,
    greet: (organization: OrganizationRow) => string,
    options: { readonly lastEventId: string | undefined; readonly keepalive: number | null },
  ): Promise<OpenStream> {
    const meanwhile: DispatchedEvent[] = [];
    let isDeaf = false;
    const stopBuffering = this.#store.subscribe(
      (dispatched) => meanwhile.push(dispatched),
      () => {
        isDeaf = true;
      },
    );
    const endings = this.#endings;
    try {
      const registration = await this.#store.transaction(async (tx) => ({ end: "commit", value: await register(tx) }));
      if (this.#closed) throw new HttpAbort("stopping");
      if (isDeaf) throw new StoreUnavailableError("No events can be heard");
      const { organization, subscriber } = registration;
      const connection = { subscriber, stream: new EventStream(options.keepalive) };
      connection.stream.push(greet(organization));
      this.#connections.add(connection);
      if (options.lastEventId !== undefined) this.#replay(connection, options.lastEventId);
      for (const dispatched of meanwhile) {
        // What is in the cache was replayed: of these events only what they do to the subscriber remains.
        if (options.lastEventId === undefined || subscriber.isEndedBy(dispatched.event)) {
          this.#deliver(connection, dispatched);
        } else subscriber.follow(dispatched.event);
      }
      if (endings !== this.#endings) this.#end(connection);
      return { organization, stream: connection.stream, close: () => this.#end(connection) };
    } finally {
      stopBuffering();
    }
  }

  /** Ends every stream. With `forget`, later `Last-Event-Id`s are unknown. */
  endAll({ forget }: { readonly forget: boolean }): void {
    this.#endings += 1;
    if (forget) this.#cache = [];
    for (const connection of [...this.#connections]) this.#end(connection);
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe();
    this.endAll({ forget: true });
  }

  #take(dispatched: DispatchedEvent, cacheSize: number): void {
    const { eventId, event } = dispatched;
    if (isClientEvent(event)) {
      this.#cache.push({ eventId, event });
      this.#cache.splice(0, Math.max(0, this.#cache.length - cacheSize));
    }
    for (const connection of [...this.#connections]) this.#deliver(connection, dispatched);
  }

  #deliver(connection: Connection, { eventId, event }: DispatchedEvent): void {
    const { subscriber, stream } = connection;
    if (subscriber.isEndedBy(event)) {
      this.#end(connection);
      return;
    }
    if (isClientEvent(event) && subscriber.concerns(event)) stream.push(this.#frameOf(eventId, event));
    subscriber.follow(event);
    // A client too slow to read has lost its stream: nobody may come to say so.
    if (stream.isEnded) this.#end(connection);
  }

  /** Sends what concerns the client since that event; one gap notice when that is not known, or too much. */
  #replay({ subscriber, stream }: Connection, lastEventId: string): void {
    const index = this.#cache.findIndex(({ eventId }) => eventId === lastEventId);
    const missed = this.#cache.slice(index + 1).filter(({ event }) => subscriber.concerns(event));
    if (index < 0 || missed.length > replayLimit) {
      stream.push(missedEventsFrame);
      return;
    }
    for (const { eventId, event } of missed) stream.push(this.#frameOf(eventId, event));
  }

  #frameOf(eventId: string, event: ClientEvent): string {
    const known = this.#frames.get(event);
    if (known !== undefined) return known;
    const frame = eventFrame({ status: "ok", ...apiEventOf(event) }, { id: eventId });
    this.#frames.set(event, frame);
    return frame;
  }

  #end(connection: Connection): void {
    this.#connections.delete(connection);
    connection.stream.end();
  }
}
