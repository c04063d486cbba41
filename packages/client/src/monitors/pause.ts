import { type Failure, longestPauseMs, pauseMs } from "./failures.ts";

/**
 * How long background work leaves alone what has failed: longer each time, until it succeeds. Times are milliseconds of
 * a clock that may be set, in either direction, at any moment.
 */
export class Pause {
  #failure: Failure | undefined;
  #attempts = 0;
  #until = Number.NEGATIVE_INFINITY;

  /** It failed (again). */
  begin(failure: Failure, now: number): void {
    this.#attempts = this.#failure?.code === failure.code ? this.#attempts + 1 : 1;
    this.#failure = failure;
    this.#until = now + pauseMs(failure, this.#attempts);
  }

  /** It succeeded, or is to be tried as if it had. Says whether it had failed. */
  end(): boolean {
    const hasFailed = this.#failure !== undefined;
    this.#failure = undefined;
    this.#until = Number.NEGATIVE_INFINITY;
    return hasFailed;
  }

  /** The cause may be gone: it may be tried now. */
  interrupt(): void {
    this.#until = Number.NEGATIVE_INFINITY;
  }

  /** What keeps it from being tried now. */
  failure(now: number): Failure | undefined {
    return isLater(this.#until, now, longestPauseMs) ? this.#failure : undefined;
  }

  /** When it may be tried; infinite when only news help. */
  get until(): number {
    return this.#until;
  }
}

/** Whether a time that was at most `longest` away is still to come: one further away was made by a clock set back since. */
export function isLater(time: number, now: number, longest: number): boolean {
  return time > now && (time - now <= longest || time === Number.POSITIVE_INFINITY);
}
