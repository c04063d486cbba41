import type { Clock, RandomSource } from "@parsec/base";

/** Seconds before attempt 0, 1, 2…; the last one for all later attempts (spec 05 §8.6). */
const delays = [0, 1, 5, 10, 30, 60];
/** Each delay is spread by so much, so that the clients of a restarted server do not come back all at once. */
const jitter = 0.2;
/** What a server may ask for, in milliseconds: neither a storm of requests, nor silence without end. */
const leastForcedMs = 1000;
const mostForcedMs = 60_000;
/** A stream that lasts less, in milliseconds, is no success: something on the way cuts each at once. */
const leastLifeMs = 5000;

/** How long to wait before each attempt: ever longer while they fail, and not at all once after one that succeeded. */
export class Backoff {
  readonly #clock: Clock;
  readonly #random: RandomSource;
  #attempt = 0;
  #begunAt = 0;
  #hasSucceeded = false;
  /** Streams in a row that succeeded and ended soon. */
  #shortLives = 0;
  #forcedMs: number | undefined;

  constructor(clock: Clock, random: RandomSource) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Milliseconds, with jitter. */
  nextDelayMs(): number {
    const delayMs = this.#forcedMs ?? 1000 * (delays[this.#attempt] ?? delays.at(-1) ?? 0);
    return delayMs * (1 - jitter + 2 * jitter * this.#random.unit());
  }

  /** An attempt begins; `anew`: as if it were the first one, since somebody asked for it. */
  begin(options: { readonly anew: boolean }): void {
    this.#attempt = options.anew ? 1 : this.#attempt + 1;
    this.#begunAt = this.#clock.now();
    this.#hasSucceeded = false;
  }

  /** The attempt under way brought what it should. */
  succeeded(): void {
    this.#hasSucceeded = true;
  }

  /** The attempt has ended, in whatever way. */
  end(): void {
    if (!this.#hasSucceeded) return;
    const isShort = this.#clock.now() - this.#begunAt < leastLifeMs * 1000;
    this.#shortLives = isShort ? this.#shortLives + 1 : 0;
    this.#attempt = Math.max(0, this.#shortLives - 1);
  }

  /** The server asks for so many milliseconds before each further attempt. */
  force(ms: number): void {
    this.#forcedMs = Math.min(Math.max(ms, leastForcedMs), mostForcedMs);
  }
}
