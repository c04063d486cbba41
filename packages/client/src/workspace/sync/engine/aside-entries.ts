import { DateTime, type VlobId } from "@parsec/types";
import { type Failure, longestPauseMs, pauseMs } from "../../../monitors/failures.ts";
import { isLater } from "../../../monitors/pause.ts";
import type { SetAsideEntry } from "../../../monitors/sync-state.ts";

/** What of an entry could not be done: to take it in, or to put it out. */
export type Direction = "in" | "out";

/** An entry that cannot be synchronized now, and why. */
export interface Aside {
  readonly id: VlobId;
  readonly direction: Direction;
  readonly path: string | undefined;
  readonly failure: Failure;
  /** How often it failed in a row. */
  readonly attempts: number;
  /** Milliseconds of the clock, both. Infinite while it is tried again. */
  readonly since: number;
  readonly nextTry: number;
}

/** The entries that keep nobody else, each tried again after a while, which grows. */
export class AsideEntries {
  readonly #entries = new Map<VlobId, Aside>();
  readonly #unplaced = new Set<VlobId>();
  /** Not after the first of them. */
  #nextTry = Number.POSITIVE_INFINITY;
  #edition = 0;

  /** Another number each time that the entries are others. */
  get edition(): number {
    return this.#edition;
  }

  /** When the next one is to be tried; infinite when none. */
  get nextTry(): number {
    return this.#nextTry;
  }

  all(): readonly Aside[] {
    return [...this.#entries.values()];
  }

  has(id: VlobId): boolean {
    return this.#entries.has(id);
  }

  /**
   * The entry failed (again). What failed for want of an answer is tried once more as soon as it is clear that the
   * server is there: it may have been an accident.
   */
  add(id: VlobId, entry: Pick<Aside, "direction" | "path" | "failure">, now: number): void {
    const before = this.#entries.get(id);
    const attempts = (before?.attempts ?? 0) + 1;
    const accidents = entry.failure.scope === "entry" ? 0 : 1;
    const wait = attempts > accidents ? pauseMs(entry.failure, attempts - accidents) : 0;
    const path = entry.path ?? before?.path;
    if (path === undefined && before === undefined) this.#unplaced.add(id);
    this.#put({ ...entry, id, path, attempts, since: before?.since ?? now, nextTry: now + wait });
    this.#edition += 1;
  }

  /** Those of which not even the place can be read, and for which nobody has looked yet. */
  get unplaced(): ReadonlySet<VlobId> {
    return this.#unplaced;
  }

  /** What was found of {@link unplaced}. */
  setPaths(paths: ReadonlyMap<VlobId, string>): void {
    this.#unplaced.clear();
    for (const [id, path] of paths) {
      const entry = this.#entries.get(id);
      if (entry === undefined) continue;
      this.#entries.set(id, { ...entry, path });
      this.#edition += 1;
    }
  }

  /** It is all right again, or another one by now. */
  remove(id: VlobId): void {
    this.#unplaced.delete(id);
    if (this.#entries.delete(id)) this.#edition += 1;
  }

  clear(): void {
    for (const id of [...this.#entries.keys()]) this.remove(id);
  }

  /** Those to be tried now. They stay aside until {@link remove} or {@link add}. */
  takeDue(now: number): readonly Aside[] {
    if (isLater(this.#nextTry, now, longestPauseMs)) return [];
    const due = this.all().filter(({ nextTry }) => !isLater(nextTry, now, longestPauseMs));
    for (const entry of due) this.#entries.set(entry.id, { ...entry, nextTry: Number.POSITIVE_INFINITY });
    this.#nextTry = Number.POSITIVE_INFINITY;
    for (const { nextTry } of this.#entries.values()) this.#nextTry = Math.min(this.#nextTry, nextTry);
    return due;
  }

  /** What kept this entry is gone. */
  retry(id: VlobId, now: number): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined && Number.isFinite(entry.nextTry)) this.#put({ ...entry, nextTry: now });
  }

  /** Something changed that may have mended them: all are to be tried now. */
  retryAll(now: number): void {
    for (const id of this.#entries.keys()) this.retry(id, now);
  }

  /** The server was away: that is what kept these entries, and nothing of their own. */
  forgive(now: number): void {
    for (const entry of this.all()) {
      if (entry.failure.scope !== "entry") this.#put({ ...entry, attempts: 0, nextTry: now });
    }
  }

  listed(): readonly SetAsideEntry[] {
    return this.all().map(({ id, path, failure, since, nextTry }) => ({
      id,
      path,
      reason: failure.code,
      since: DateTime.fromMicros(since * 1000),
      nextTry: DateTime.fromMicros((Number.isFinite(nextTry) ? nextTry : since) * 1000),
    }));
  }

  #put(entry: Aside): void {
    this.#entries.set(entry.id, entry);
    this.#nextTry = Math.min(this.#nextTry, entry.nextTry);
  }
}
