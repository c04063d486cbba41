import { BugError, type ParsecError } from "@parsec/base";
import type { OrganizationId } from "@parsec/types";
import type { DispatchedEvent } from "../../events/event.ts";
import { StoreUnavailableError } from "../errors.ts";
import type { Outcome, Store, Transaction, TransactionOrigin } from "../port/store.ts";
import { type LockMode, type Topic, topicKey } from "../port/topics.ts";
import { MemoryStore } from "./memory-store.ts";

/**
 * A store, the memory one unless another is given, behaving as badly as a database may, to keep commands honest. Values are copied in and out, each
 * call waits, every transaction is run twice, the first time in vain, none can be used after its end, a topic cannot
 * advance without its lock, locks come in order, a command does not ask for all organizations or invitations, and `failNextCommit` aborts a transaction at its very end.
 */
export class StrictStore implements Store {
  readonly #inner: Store;
  /** How many commits are still to succeed before one fails; `undefined`: none will. */
  #commitsBeforeFailure: number | undefined;

  constructor(inner: Store = new MemoryStore()) {
    this.#inner = inner;
  }

  get failure(): Promise<ParsecError> {
    return this.#inner.failure;
  }

  /** A commit fails as a whole: the next one, or the one after `others` more. */
  failNextCommit(others = 0): void {
    this.#commitsBeforeFailure = others;
  }

  async transaction<T>(run: (tx: Transaction) => Promise<Outcome<T>>, origin?: TransactionOrigin): Promise<T> {
    // Once in vain, as after a conflict with others: only what the second time does remains.
    const strictly = (inner: Transaction) => runStrictly(inner, run, origin !== undefined);
    await this.#inner.transaction(async (inner) => ({ ...(await strictly(inner)), end: "rollback" }), origin);
    return await this.#inner.transaction(async (inner) => {
      const outcome = await strictly(inner);
      if (outcome.end === "commit") this.#countCommit();
      return outcome;
    }, origin);
  }

  #countCommit(): void {
    if (this.#commitsBeforeFailure === undefined) return;
    this.#commitsBeforeFailure -= 1;
    if (this.#commitsBeforeFailure >= 0) return;
    this.#commitsBeforeFailure = undefined;
    throw new StoreUnavailableError("The commit failed");
  }

  async exclusively<T>(key: string, run: () => Promise<T>): Promise<T> {
    return await this.#inner.exclusively(key, run);
  }

  subscribe(listener: (event: DispatchedEvent) => void, onGap?: () => void): () => void {
    return this.#inner.subscribe((event) => listener(structuredClone(event)), onGap);
  }

  async reset(): Promise<void> {
    await this.#inner.reset();
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }
}

async function runStrictly<T>(
  inner: Transaction,
  run: (tx: Transaction) => Promise<Outcome<T>>,
  isCommand: boolean,
): Promise<Outcome<T>> {
  const strict = strictTransaction(inner, isCommand);
  try {
    return await run(strict.tx);
  } finally {
    strict.finish();
  }
}

/** Topics are locked in this order, so that two transactions never wait for each other (spec 08a §5.2). */
function rank(topic: Topic): number {
  if (typeof topic !== "string") return 1;
  return topic === "common" ? 0 : 2;
}

function strictTransaction(
  inner: Transaction,
  isCommand: boolean,
): { readonly tx: Transaction; readonly finish: () => void } {
  let finished = false;
  let highest = 0;
  const held = new Map<string, LockMode>();
  const heldWhole = new Set<OrganizationId>();
  const holds = (organizationId: OrganizationId, topic: Topic, mode: LockMode) => {
    const heldMode = held.get(`${organizationId}/${topicKey(topic)}`);
    return heldWhole.has(organizationId) || heldMode === "write" || heldMode === mode;
  };
  const check = () => {
    if (finished) throw new BugError("A transaction is used after its end");
  };
  /** The same queries, each of which waits a turn and copies what goes in and out. */
  const guard = <Q extends object>(queries: Q): Q =>
    new Proxy(queries, {
      get(target, name, receiver) {
        const query: unknown = Reflect.get(target, name, receiver);
        if (typeof query !== "function") return query;
        return async (...args: readonly unknown[]) => {
          check();
          const copies = structuredClone(args);
          await new Promise<void>((resolve) => setImmediate(resolve));
          check();
          const result: unknown = await Reflect.apply(query, target, copies);
          return structuredClone(result);
        };
      },
    });
  const topics = guard(inner.topics);
  /** What grows without end is for administrators and tests to ask for. */
  const mayList = (what: string) => {
    if (isCommand) throw new BugError(`A command asks for all ${what}`);
  };
  const organizations = guard(inner.organizations);
  const invitations = guard(inner.invitations);
  const tx: Transaction = {
    organizations: {
      ...organizations,
      list: async () => {
        mayList("organizations");
        return await organizations.list();
      },
    },
    topics: {
      last: (organizationId, topic) => topics.last(organizationId, topic),
      advance: async (organizationId, topic, timestamp) => {
        if (!holds(organizationId, topic, "write")) throw new BugError(`The topic ${topicKey(topic)} is not locked`);
        await topics.advance(organizationId, topic, timestamp);
      },
    },
    users: guard(inner.users),
    realms: guard(inner.realms),
    vlobs: guard(inner.vlobs),
    blocks: guard(inner.blocks),
    invitations: {
      ...invitations,
      list: async (organizationId) => {
        mayList("invitations");
        return await invitations.list(organizationId);
      },
    },
    shamir: guard(inner.shamir),
    sequester: guard(inner.sequester),
    enrollments: guard(inner.enrollments),
    totp: guard(inner.totp),
    cryptpad: guard(inner.cryptpad),
    accounts: guard(inner.accounts),
    lock: async (organizationId, topic, mode) => {
      check();
      // What is held already is not waited for.
      if (!holds(organizationId, topic, mode)) {
        if (rank(topic) < highest) throw new BugError(`The topic ${topicKey(topic)} is locked too late`);
        highest = rank(topic);
        held.set(`${organizationId}/${topicKey(topic)}`, mode);
      }
      await inner.lock(organizationId, topic, mode);
    },
    lockAll: async (organizationId) => {
      check();
      heldWhole.add(organizationId);
      await inner.lockAll(organizationId);
    },
    emit: (event) => {
      check();
      inner.emit(structuredClone(event));
    },
  };
  return {
    tx,
    finish: () => {
      finished = true;
    },
  };
}
