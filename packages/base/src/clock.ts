import { onAbort, throwIfAborted } from "./abort.ts";

/** A running timer; `cancel` is idempotent and safe after it fired. */
export interface Timer {
  cancel(): void;
}

/** The time port. Tests install a {@link SettableClock}: they never sleep. */
export interface Clock {
  /** Now, in whole microseconds since the Unix epoch. */
  now(): number;
  /** Calls `run` once after `delayMs` milliseconds. */
  timer(delayMs: number, run: () => void): Timer;
}

/** What platforms count in 32 bits: they fire longer timers at once. */
const longestTimeoutMs = 2 ** 31 - 1;

/** Not `performance`, though it is finer: it stands still while a computer sleeps, and does not follow its clock. */
export const systemClock: Clock = {
  now: () => Date.now() * 1000,
  timer(delayMs, run) {
    let handle: ReturnType<typeof setTimeout>;
    const wait = (ms: number) => {
      const stepMs = Math.min(ms, longestTimeoutMs);
      handle = setTimeout(ms > stepMs ? () => wait(ms - stepMs) : run, stepMs);
    };
    wait(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** Resolves after `delayMs` on that clock. An abort rejects with `signal.reason` and frees the timer. */
export function delay(
  clock: Clock,
  delayMs: number,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    throwIfAborted(signal);
    const timer = clock.timer(delayMs, () => {
      stopListening();
      resolve();
    });
    const stopListening = onAbort(signal, () => {
      timer.cancel();
      reject(signal?.reason);
    });
  });
}

/** A clock that moves only when told to. Timers fire during `advance`, in order of their due time. */
export class SettableClock implements Clock {
  #now: number;
  #timers: { due: number; run: () => void }[] = [];

  /** Starts at `now`, in microseconds since the Unix epoch. */
  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  timer(delayMs: number, run: () => void): Timer {
    const entry = { due: this.#now + Math.max(0, delayMs) * 1000, run };
    this.#timers.push(entry);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== entry);
      },
    };
  }

  /** How many timers wait. Lets a test know that the code under test has begun to wait. */
  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** Moves forward by `ms` milliseconds and fires what falls due on the way, each at its own time. */
  advance(ms: number): void {
    const end = this.#now + ms * 1000;
    for (;;) {
      const next = this.#timers.filter(({ due }) => due <= end).sort((a, b) => a.due - b.due)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.due);
      next.run();
    }
    this.#now = end;
  }

  /** Jumps to `now` (microseconds), in either direction, without firing timers. */
  set(now: number): void {
    this.#now = now;
  }
}

/** How far ahead of the own clock a date may be, in microseconds: servers accept no more. */
export const maxAheadMicros = 300 * 1_000_000;

/**
 * Strictly increasing instants for what one device signs: certificates of one topic must never share a timestamp by
 * accident, and the system clock may stand still within a microsecond or step back.
 */
export class IncreasingClock {
  readonly #clock: Clock;
  #last = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Now, or one microsecond after the last instant given, or after `atLeast`, whichever is the latest. When the last one
   * is further ahead than servers accept, the clock was set back by much: nobody has taken what was dated so, and time
   * begins anew.
   */
  next(atLeast: number = Number.NEGATIVE_INFINITY): number {
    const now = this.#clock.now();
    const afterLast = this.#last + 1 > now + maxAheadMicros ? now : this.#last + 1;
    this.#last = Math.max(now, afterLast, atLeast + 1);
    return this.#last;
  }
}
