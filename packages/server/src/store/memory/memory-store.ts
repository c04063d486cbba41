import { KeyedMutex, Mutex } from "@parsec/base";
import { EventBus } from "../../events/bus.ts";
import { type DispatchedEvent, newlyDispatched, type ServerEvent } from "../../events/event.ts";
import { StoreUnavailableError } from "../errors.ts";
import type { Outcome, Queries, Store, Transaction } from "../port/store.ts";
import { memoryAccounts } from "./accounts.ts";
import { memoryCryptpad } from "./cryptpad.ts";
import { emptyData, type MemoryData } from "./data.ts";
import { memoryEnrollments } from "./enrollments.ts";
import { memoryInvitations } from "./invitations.ts";
import { Journal } from "./journal.ts";
import { memoryOrganizations } from "./organizations.ts";
import { memoryRealms } from "./realms.ts";
import { memorySequester } from "./sequester.ts";
import { memoryShamir } from "./shamir.ts";
import { memoryTopics } from "./topics.ts";
import { memoryTotp } from "./totp.ts";
import { memoryUsers } from "./users.ts";
import { memoryBlocks, memoryVlobs } from "./vlobs.ts";

/**
 * The store in memory. Transactions run one after the other, which satisfies every lock of spec 08a §5.2: a
 * transaction never waits for anything outside. Changes are made in place and undone on rollback.
 */
export class MemoryStore implements Store {
  readonly failure = new Promise<never>(() => undefined);
  readonly #turn = new Mutex();
  readonly #exclusive = new KeyedMutex<string>();
  readonly #bus = new EventBus();
  #data: MemoryData = emptyData();
  #closed = false;

  async transaction<T>(run: (tx: Transaction) => Promise<Outcome<T>>): Promise<T> {
    return await this.#turn.run(async () => {
      if (this.#closed) throw new StoreUnavailableError("The store is closed");
      const journal = new Journal();
      const events: ServerEvent[] = [];
      let committed = false;
      try {
        const { end, value } = await run({
          ...memoryQueries(this.#data, journal),
          lock: async () => {},
          lockAll: async () => {},
          emit: (event) => events.push(event),
        });
        committed = end === "commit";
        return value;
      } finally {
        if (committed) for (const event of events) this.#bus.publish(newlyDispatched(event));
        else journal.rollback();
      }
    });
  }

  async exclusively<T>(key: string, run: () => Promise<T>): Promise<T> {
    return await this.#exclusive.run(key, run);
  }

  subscribe(listener: (event: DispatchedEvent) => void, onGap?: () => void): () => void {
    return this.#bus.subscribe(listener, onGap);
  }

  async reset(): Promise<void> {
    await this.#turn.run(() => {
      this.#data = emptyData();
    });
  }

  async close(): Promise<void> {
    await this.#turn.run(() => {
      this.#closed = true;
      this.#data = emptyData();
      this.#bus.close();
    });
  }
}

function memoryQueries(data: MemoryData, journal: Journal): Queries {
  return {
    organizations: memoryOrganizations(data, journal),
    topics: memoryTopics(data, journal),
    users: memoryUsers(data, journal),
    realms: memoryRealms(data, journal),
    vlobs: memoryVlobs(data, journal),
    blocks: memoryBlocks(data, journal),
    invitations: memoryInvitations(data, journal),
    shamir: memoryShamir(data, journal),
    sequester: memorySequester(data, journal),
    enrollments: memoryEnrollments(data, journal),
    totp: memoryTotp(data, journal),
    cryptpad: memoryCryptpad(data, journal),
    accounts: memoryAccounts(data, journal),
  };
}
