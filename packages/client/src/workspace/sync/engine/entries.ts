import { breathe, type Clock } from "@parsec/base";
import type { VlobId } from "@parsec/types";
import type { Failure } from "../../../monitors/failures.ts";
import { isStandIn } from "../pending.ts";
import type { Direction } from "./aside-entries.ts";
import type { EntryOutcome } from "./entry-jobs.ts";
import { HeldEntries } from "./held-entries.ts";
import { IncomingQueue } from "./incoming-queue.ts";
import { busyEntry, contestedEntry } from "./left-entries.ts";
import { type LocalTree, localPath } from "./local-places.ts";
import { OutgoingQueue } from "./outgoing-queue.ts";

/** How often those who wait see an entry tried that somebody keeps changing. */
const maxFruitless = 8;

/** One entry, in one direction. */
export interface Job {
  readonly id: VlobId;
  readonly direction: Direction;
  /** What the server announced, for an entry to take in. */
  readonly version: number | undefined;
}

/** What an engine knows of the entries of its workspace: which wait, which are at work, which are held back. */
export class EngineEntries {
  readonly held: HeldEntries;
  readonly #tree: LocalTree;
  readonly #clock: Clock;
  readonly #incoming = new IncomingQueue();
  readonly #outgoing = new OutgoingQueue();
  readonly #running = new Map<VlobId, Job>();
  readonly #fruitless = new Map<VlobId, number>();
  readonly #addedAgain = new Map<VlobId, number>();
  /** Changed entries for which nobody waits any more: they never stand still. */
  readonly #later = new Set<VlobId>();

  constructor(tree: LocalTree, clock: Clock) {
    this.#tree = tree;
    this.#clock = clock;
    this.held = new HeldEntries(tree);
  }

  get running(): number {
    return this.#running.size;
  }

  get hasIncoming(): boolean {
    return this.#incoming.size > 0;
  }

  /** Entries come in, or are about to. */
  get isTakingIn(): boolean {
    return this.hasIncoming || [...this.#running.values()].some(({ direction }) => direction === "in");
  }

  get hasOutgoing(): boolean {
    return this.#outgoing.size > 0;
  }

  /** When the next upload is due, in milliseconds of the clock. */
  get nextUpload(): number {
    return this.#outgoing.nextTurn();
  }

  // --- What comes

  /** The entry was changed on this device. */
  changed(id: VlobId): void {
    this.held.aside.remove(id);
    this.#release(id);
    this.held.touched(id);
    if (!this.#later.has(id)) this.#outgoing.changed(id, this.#nowMs);
  }

  /** The server has that version; `undefined`: it has to be asked. */
  announced(id: VlobId, version?: number): void {
    this.#incoming.add(id, version);
  }

  /** Puts a changed entry in the queue, unless it is known already. Says whether it did. */
  add(id: VlobId): boolean {
    if (this.#outgoing.has(id) || this.held.has(id) || this.#later.has(id)) return false;
    this.#outgoing.changed(id, this.#nowMs);
    return true;
  }

  /**
   * As {@link add}, for an entry that was thought to be done with; but not for ever: a state that cannot be is not to
   * keep anybody waiting.
   */
  addAgain(id: VlobId): boolean {
    const times = this.#addedAgain.get(id) ?? 0;
    if (times === maxFruitless) this.#later.add(id);
    if (!this.add(id)) return false;
    this.#addedAgain.set(id, times + 1);
    return true;
  }

  /** All that could not be done is to be tried again, for somebody who waits. */
  tryAll(): void {
    this.held.aside.retryAll(this.#nowMs);
    this.held.aside.forgive(this.#nowMs);
    this.#fruitless.clear();
    this.#addedAgain.clear();
    this.resume();
  }

  /** What those who waited did not wait for comes at its own time. */
  resume(): void {
    for (const id of this.#later) this.#outgoing.changed(id, this.#nowMs);
    this.#later.clear();
  }

  /** What may have to stay on this device no longer goes back to its queue. */
  async recheck(): Promise<void> {
    await this.held.findPlaces();
    for (const id of await this.held.mayGo()) {
      this.#release(id);
      this.add(id);
    }
  }

  #release(id: VlobId): void {
    if (this.held.release(id)) this.announced(id);
  }

  get needsPlaces(): boolean {
    return this.#outgoing.hasUnplaced;
  }

  /** Finds out where the entries in the queue are, which their order depends on. */
  async place(canWrite: boolean): Promise<void> {
    for (const id of this.#outgoing.takeUnplaced()) {
      await breathe();
      // One that cannot be read goes as it is: whoever takes it up says why.
      const manifest = await this.#tree.manifests.getLocal(id).catch(() => undefined);
      if (manifest === undefined) continue;
      if (isStandIn(manifest) && !canWrite) this.#outgoing.drop(id);
      else this.#outgoing.place(id, manifest.parent, manifest.base.parent);
    }
  }

  // --- What goes

  /** Those set aside whose time has come go back to their queues. */
  takeDue(now: number): void {
    for (const { id, direction } of this.held.aside.takeDue(now)) {
      if (direction === "in") this.announced(id);
      else this.#outgoing.add(id, now);
    }
  }

  /** The next one to work at, until {@link end}; what comes in goes first. `isUrgent`: no upload has to wait. */
  begin(now: number, options: { readonly canUpload: boolean; readonly isUrgent: boolean }): Job | undefined {
    const isFree = (id: VlobId) => !this.#running.has(id);
    const incoming = this.#incoming.take(isFree);
    if (incoming !== undefined) return this.#run({ ...incoming, direction: "in" });
    if (!options.canUpload) return undefined;
    const id = this.#outgoing.take(now, options.isUrgent, isFree);
    return id === undefined ? undefined : this.#run({ id, direction: "out", version: undefined });
  }

  #run(job: Job): Job {
    this.#running.set(job.id, job);
    return job;
  }

  /** Nobody is at it any more; what {@link again} was not told of is done with, unless it changed meanwhile. */
  end({ id, direction }: Job): void {
    if (direction === "out") this.#outgoing.finish(id);
    this.#running.delete(id);
  }

  again({ id, direction }: Job): void {
    if (direction === "out") this.#outgoing.finish(id, this.#nowMs);
    else this.announced(id);
  }

  /** What came of it. Gives the error that sets the entry aside, if any. */
  async settle(job: Job, outcome: EntryOutcome, isAwaited: boolean): Promise<Error | undefined> {
    switch (outcome) {
      case "done":
        this.#fruitless.delete(job.id);
        this.held.aside.remove(job.id);
        return undefined;
      case "busy":
        return this.#busy(job, isAwaited);
      case "contested":
        return contestedEntry(job.id);
      default:
        if (!(await this.held.park(job.id, job.direction))) this.again(job);
        return undefined;
    }
  }

  /** Back to the end of the queue; but those who wait do not wait for ever for what never stands still. */
  #busy(job: Job, isAwaited: boolean): Error | undefined {
    const fruitless = (this.#fruitless.get(job.id) ?? 0) + 1;
    this.#fruitless.set(job.id, fruitless);
    if (!isAwaited || fruitless < maxFruitless) {
      this.again(job);
      return undefined;
    }
    this.#later.add(job.id);
    return busyEntry(job.id);
  }

  /** Sets an entry aside. */
  async fail({ id, direction }: Job, failure: Failure): Promise<void> {
    const path = await localPath(this.#tree, id).catch(() => undefined);
    this.held.aside.add(id, { direction, path, failure }, this.#nowMs);
  }

  get #nowMs(): number {
    return this.#clock.now() / 1000;
  }
}
