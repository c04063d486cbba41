import { createHash } from "node:crypto";
import type { OrganizationId } from "@parsec/types";
import type { LockMode } from "../../port/topics.ts";

/** One advisory lock. */
export interface Lock {
  /** Null for what the server holds as a whole. */
  readonly organizationId: OrganizationId | null;
  /** A topic's text, a family of queries, or `accounts`. */
  readonly name: string;
  readonly mode: LockMode;
}

/** Locks, each once, in its strongest mode. */
export class LockSet implements Iterable<Lock> {
  readonly #locks = new Map<string, Lock>();

  constructor(locks: Iterable<Lock> = []) {
    for (const lock of locks) this.add(lock);
  }

  get isEmpty(): boolean {
    return this.#locks.size === 0;
  }

  add(lock: Lock): void {
    if (!this.covers(lock)) this.#locks.set(lockName(lock), lock);
  }

  /** True when the lock is held, in that mode or a stronger one. */
  covers(lock: Lock): boolean {
    const held = this.#locks.get(lockName(lock));
    return held !== undefined && (held.mode === "write" || lock.mode === "read");
  }

  /** True when the lock is held, but not in that mode. */
  mustUpgrade(lock: Lock): boolean {
    return this.#locks.has(lockName(lock)) && !this.covers(lock);
  }

  /** True when the lock may be waited for while these are held. */
  areAllBefore(lock: Lock): boolean {
    return [...this.#locks.values()].every((held) => inOrder(held, lock) < 0);
  }

  /** In the order in which every transaction waits for them, so that two never wait for each other. */
  [Symbol.iterator](): Iterator<Lock> {
    return [...this.#locks.values()].sort(inOrder)[Symbol.iterator]();
  }
}

function inOrder(a: Lock, b: Lock): number {
  return rank(a) - rank(b) || (lockName(a) < lockName(b) ? -1 : 1);
}

/** Common, realms, then the others (spec 08a §5.2). */
function rank({ name }: Lock): number {
  if (name === "common") return 0;
  return name.startsWith("realm:") ? 1 : 2;
}

export function lockName({ organizationId, name }: Lock): string {
  return `${organizationId ?? ""}/${name}`;
}

/**
 * The key of a lock in the database, whose applications share one space of 64-bit numbers: two locks with one key would
 * only wait for each other in vain.
 */
export function lockKey(name: string): bigint {
  return createHash("sha256").update(`parsec-server/${name}`).digest().readBigInt64BE();
}

/** The statement that waits for the locks, in order: all at once, since each takes a way to the database and back. */
export function lockStatement(locks: LockSet): string {
  return `select ${[...locks].map((lock) => `pg_advisory_xact_lock${argumentsOf(lock)}`).join(", ")}`;
}

/** The statement that takes a lock if nobody has to be waited for, and says whether it did. */
export function tryLockStatement(lock: Lock): string {
  return `select pg_try_advisory_xact_lock${argumentsOf(lock)} as taken`;
}

function argumentsOf(lock: Lock): string {
  return `${lock.mode === "write" ? "" : "_shared"}(${lockKey(lockName(lock))})`;
}
