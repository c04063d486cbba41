import type { VlobId } from "@parsec/types";
import { isLater } from "../../../monitors/pause.ts";
import { Line } from "./line.ts";

/** An entry is uploaded so long after its last change, in milliseconds… */
const minWaitMs = 1_000;
/** …and at the latest so long after its first one; a folder then does not wait for its children either. */
const maxWaitMs = 60_000;

/** Milliseconds of the clock, as all times here. */
interface Turn {
  readonly firstChange: number;
  readonly due: number;
}

interface Item {
  readonly id: VlobId;
  /**
   * - `waiting`: for its turn. - `ready`: its turn is now. - `blocked`: it would be, but for the children of the folder.
   * - `running`: somebody is at it.
   */
  state: "waiting" | "ready" | "blocked" | "running";
  turn: Turn;
  /** It changed while it ran. */
  again: Turn | undefined;
  /** The folder that waits for it. */
  parent: VlobId | undefined;
  /** The folder that it is moved out of, which waits for it, too. */
  left: VlobId | undefined;
  /** Folders that entries were moved out of, into this one. They wait for it. */
  readonly leftFor: VlobId[];
}

/**
 * The changed entries of one workspace, and whose turn it is (spec 11 §13.3): an entry some time after its last change,
 * a folder after what is in it, so that others do not see names without content, and after the folders that took what it
 * had, so that others see that somewhere all the time. Each operation costs the same, however many there are.
 */
export class OutgoingQueue {
  readonly #items = new Map<VlobId, Item>();
  readonly #lines: Readonly<Record<Item["state"], Line<Item>>>;
  readonly #counts: Record<Item["state"], number> = { waiting: 0, ready: 0, blocked: 0, running: 0 };
  readonly #unplaced = new Set<VlobId>();
  /** How many entries each folder waits for. */
  readonly #children = new Map<VlobId, number>();

  constructor() {
    const tickets = new WeakMap<Item, number>();
    const line = () => new Line<Item>(tickets);
    this.#lines = { waiting: line(), ready: line(), blocked: line(), running: line() };
  }

  get size(): number {
    return this.#items.size;
  }

  has(id: VlobId): boolean {
    return this.#items.has(id);
  }

  get hasUnplaced(): boolean {
    return this.#unplaced.size > 0;
  }

  /** Those whose place is to be told with {@link place}. */
  takeUnplaced(): readonly VlobId[] {
    const ids = [...this.#unplaced];
    this.#unplaced.clear();
    return ids;
  }

  /** The entry changed: its turn comes a moment later, once its place is told. */
  changed(id: VlobId, now: number): void {
    this.#unplaced.add(id);
    const item = this.#items.get(id);
    if (item === undefined) this.#enter(id, laterTurn(undefined, now));
    else if (item.state === "running") item.again = laterTurn(item.again, now);
    else if (item.state === "waiting") this.#move(item, "waiting", laterTurn(item.turn, now));
  }

  /** As {@link changed}, and its turn is now. Changes nothing for an entry that is in the queue. */
  add(id: VlobId, now: number): void {
    if (this.has(id)) return;
    this.#unplaced.add(id);
    this.#enter(id, { firstChange: now, due: now });
  }

  /** In which folder the entry is, and in which one the server has it: these wait for it. */
  place(id: VlobId, parent: VlobId, remoteParent: VlobId = parent): void {
    const item = this.#items.get(id);
    if (item === undefined) return;
    const before = [item.parent, item.left];
    // The root is its own parent.
    item.parent = parent === id ? undefined : parent;
    item.left = remoteParent === parent || remoteParent === id ? undefined : remoteParent;
    this.#hold(item.parent);
    this.#hold(item.left);
    for (const folder of before) this.#letGo(folder);
  }

  /**
   * The next one whose turn it is, and that `isFree`; it then runs, until {@link finish}. `isUrgent`: all turns are now.
   */
  take(now: number, isUrgent: boolean, isFree: (id: VlobId) => boolean): VlobId | undefined {
    this.#promote(now, isUrgent);
    const ready = this.#lines.ready.find(({ id }) => isFree(id));
    if (ready !== undefined) return this.#run(ready);
    const blocked = this.#lines.blocked.first();
    if (blocked === undefined || !isFree(blocked.id)) return undefined;
    // Folders may be each other's children for a while: somebody has to begin.
    const isStuck = this.#counts.running === 0 && this.#counts.waiting === 0 && this.#counts.ready === 0;
    return isStuck || blocked.turn.firstChange + maxWaitMs <= now ? this.#run(blocked) : undefined;
  }

  /** Nothing more to do for that entry, unless it changed while it ran. `retryAt`: it comes again at that time. */
  finish(id: VlobId, retryAt?: number): void {
    const item = this.#items.get(id);
    if (item?.state !== "running") return;
    const { again, turn } = item;
    item.again = undefined;
    if (again !== undefined) this.#move(item, "waiting", again);
    else if (retryAt !== undefined) this.#move(item, "waiting", { ...turn, due: retryAt });
    else this.#forget(item);
  }

  /** It is not to be uploaded. */
  drop(id: VlobId): void {
    const item = this.#items.get(id);
    if (item === undefined || item.state === "running") return;
    this.#lines[item.state].leave(item);
    this.#forget(item);
  }

  /** When {@link take} will have something without any further change; infinite when never. */
  nextTurn(): number {
    if (this.#counts.ready > 0) return Number.NEGATIVE_INFINITY;
    const waiting = this.#lines.waiting.first()?.turn.due ?? Number.POSITIVE_INFINITY;
    const blocked = this.#lines.blocked.first()?.turn.firstChange ?? Number.POSITIVE_INFINITY;
    return Math.min(waiting, blocked + maxWaitMs);
  }

  /** Those whose turn has come. They wait in the order of their last changes, which is nearly that of their turns. */
  #promote(now: number, isUrgent: boolean): void {
    for (let item = this.#lines.waiting.first(); item !== undefined; item = this.#lines.waiting.first()) {
      if (!isUrgent && isLater(item.turn.due, now, maxWaitMs)) return;
      this.#move(item, this.#children.has(item.id) ? "blocked" : "ready");
    }
  }

  #enter(id: VlobId, turn: Turn): void {
    const item: Item = {
      id,
      state: "waiting",
      turn,
      again: undefined,
      parent: undefined,
      left: undefined,
      leftFor: [],
    };
    this.#items.set(id, item);
    this.#counts.waiting += 1;
    this.#lines.waiting.push(item);
  }

  #move(item: Item, state: Item["state"], turn: Turn = item.turn): void {
    this.#counts[item.state] -= 1;
    this.#counts[state] += 1;
    item.state = state;
    item.turn = turn;
    if (state === "running") this.#lines.running.leave(item);
    else this.#lines[state].push(item);
  }

  #run(item: Item): VlobId {
    this.#move(item, "running");
    return item.id;
  }

  #forget(item: Item): void {
    this.#counts[item.state] -= 1;
    this.#items.delete(item.id);
    this.#unplaced.delete(item.id);
    this.#letGo(item.parent);
    for (const folder of item.leftFor) this.#letGo(folder);
    const taker = item.left === undefined || item.parent === undefined ? undefined : this.#items.get(item.parent);
    if (taker === undefined) this.#letGo(item.left);
    else if (item.left !== undefined) taker.leftFor.push(item.left);
  }

  #hold(folder: VlobId | undefined): void {
    if (folder !== undefined) this.#children.set(folder, (this.#children.get(folder) ?? 0) + 1);
  }

  #letGo(id: VlobId | undefined): void {
    if (id === undefined) return;
    const left = (this.#children.get(id) ?? 1) - 1;
    if (left > 0) {
      this.#children.set(id, left);
      return;
    }
    this.#children.delete(id);
    const folder = this.#items.get(id);
    if (folder?.state === "blocked") this.#move(folder, "ready");
  }
}

function laterTurn(before: Turn | undefined, now: number): Turn {
  const firstChange = before?.firstChange ?? now;
  return { firstChange, due: Math.min(now + minWaitMs, firstChange + maxWaitMs) };
}
