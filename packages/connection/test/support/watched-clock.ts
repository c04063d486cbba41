import { SettableClock, type Timer } from "@parsec/base";

/** A clock that tells which timers run, so that a test knows what the code under test waits for. */
export class WatchedClock extends SettableClock {
  readonly #running = new Set<{ readonly delayMs: number }>();

  /** How long each running timer was set to, in milliseconds. */
  get waits(): readonly number[] {
    return [...this.#running].map(({ delayMs }) => delayMs);
  }

  override timer(delayMs: number, run: () => void): Timer {
    const entry = { delayMs };
    this.#running.add(entry);
    const timer = super.timer(delayMs, () => {
      this.#running.delete(entry);
      run();
    });
    return {
      cancel: () => {
        this.#running.delete(entry);
        timer.cancel();
      },
    };
  }
}
