import type { OrganizationId } from "@parsec/types";
import type { LockMode, Topic } from "../../port/topics.ts";
import { topicKey } from "../../port/topics.ts";
import type { GuardedFamily, WriteGuard } from "../database.ts";
import type { TopicLocks } from "../transaction.ts";
import { type Lock, LockSet, lockStatement } from "./lock-set.ts";
import type { PostgresSession } from "./session.ts";

/** How a transaction begins: reading from one snapshot, or writing under these locks. */
export interface Plan {
  readonly kind: "snapshot" | "write";
  readonly locks: LockSet;
}

export const snapshotPlan: Plan = { kind: "snapshot", locks: new LockSet() };

/** Thrown through a command whose transaction must begin anew. Not an error of ours: nobody is to handle it. */
export class Restart extends Error {}

/**
 * One try at a transaction. What it turns out to need and does not hold makes it begin anew, with all that is known to be
 * needed taken before anything is read (docs/server-store.md).
 */
export class Attempt implements WriteGuard, TopicLocks {
  readonly #session: PostgresSession;
  readonly #plan: Plan;
  readonly #held: LockSet;
  readonly #needed = new LockSet();
  #next: Plan | undefined;
  #hasLockedOrWritten = false;

  constructor(session: PostgresSession, plan: Plan) {
    this.#session = session;
    this.#plan = plan;
    this.#held = new LockSet(plan.locks);
  }

  /** How to begin anew; `undefined` when this try is good. */
  get next(): Plan | undefined {
    return this.#next;
  }

  /** What the same command will need before it reads anything the next time. */
  get needed(): LockSet {
    return this.#needed;
  }

  /** False when everything was read without any need for the locks. */
  get hasLockedOrWritten(): boolean {
    return this.#hasLockedOrWritten;
  }

  async begin(): Promise<void> {
    if (this.#plan.kind === "snapshot") {
      await this.#session.exec("begin isolation level repeatable read read only");
      return;
    }
    const begin = "begin isolation level read committed read write";
    const { locks } = this.#plan;
    await this.#session.exec(locks.isEmpty ? begin : `${begin}; ${lockStatement(locks)}`);
  }

  /** @throws Restart when the transaction must begin anew */
  check(): void {
    if (this.#next !== undefined) throw new Restart();
  }

  /** This try is a write after all. @throws Restart */
  mustWrite(): void {
    if (this.#plan.kind === "write") return;
    this.#restartWith([]);
  }

  async shared(organizationId: OrganizationId): Promise<void> {
    this.#needFirst(common(organizationId, "read"));
  }

  async exclusive(organizationId: OrganizationId): Promise<void> {
    this.#needFirst(common(organizationId, "write"));
  }

  async family(organizationId: OrganizationId, name: GuardedFamily): Promise<void> {
    this.#needFirst({ organizationId, name, mode: "write" });
  }

  async accounts(): Promise<void> {
    this.#needFirst({ organizationId: null, name: "accounts", mode: "write" });
  }

  async tryExclusive(organizationId: OrganizationId): Promise<boolean> {
    this.check();
    this.mustWrite();
    this.#hasLockedOrWritten = true;
    const lock = common(organizationId, "write");
    if (this.#held.covers(lock)) return true;
    const taken = await this.#session.tryLock(lock);
    if (taken) this.#held.add(lock);
    return taken;
  }

  async lock(organizationId: OrganizationId, topic: Topic, mode: LockMode): Promise<void> {
    const lock = { organizationId, name: topicKey(topic), mode };
    // The common topic says who calls, which is read before any lock. The others are locked before they are read.
    if (topic === "common") {
      this.#needFirst(lock);
      return;
    }
    this.check();
    if (this.#plan.kind === "snapshot" || this.#held.mustUpgrade(lock)) this.#restartWith([lock]);
    this.#hasLockedOrWritten = true;
    if (this.#held.covers(lock)) return;
    // Who waits holds only what comes before: nobody can wait for it in return.
    if (this.#held.areAllBefore(lock)) await this.#session.exec(lockStatement(new LockSet([lock])));
    else if (!(await this.#session.tryLock(lock))) this.#restartWith([lock]);
    this.#held.add(lock);
  }

  async lockAll(organizationId: OrganizationId): Promise<void> {
    await this.exclusive(organizationId);
  }

  /** A lock that must have been taken before anything was read. */
  #needFirst(lock: Lock): void {
    this.check();
    this.#needed.add(lock);
    if (this.#plan.kind === "snapshot" || !this.#held.covers(lock)) this.#restartWith([lock]);
    this.#hasLockedOrWritten = true;
  }

  #restartWith(locks: readonly Lock[]): never {
    const all = new LockSet([...this.#held, ...locks]);
    for (const { organizationId } of locks) if (organizationId !== null) all.add(common(organizationId, "read"));
    this.#next = { kind: "write", locks: all };
    throw new Restart();
  }
}

function common(organizationId: OrganizationId, mode: LockMode): Lock {
  return { organizationId, name: "common", mode };
}
