import type { Clock, Timer } from "@parsec/base";
import { OfflineError } from "./errors.ts";

/**
 * The patience of one request: its signal aborts when the caller's does, or when nothing happened for too long.
 * `stop` must be called in the end.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #caller: AbortSignal | undefined;
  readonly #onAbort = () => this.#controller.abort(this.#caller?.reason);
  #timer: Timer | undefined;
  #timeoutMs: number | undefined;

  /** `timeoutMs` undefined: no limit. */
  constructor(clock: Clock, timeoutMs: number | undefined, caller: AbortSignal | undefined) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#caller = caller;
    if (caller?.aborted) this.#onAbort();
    else caller?.addEventListener("abort", this.#onAbort, { once: true });
    this.touch();
  }

  /** Its reason is the caller's, or an {@link OfflineError}. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something happened: the wait starts anew. */
  touch(): void {
    this.#timer?.cancel();
    const timeoutMs = this.#timeoutMs;
    if (timeoutMs === undefined) return;
    this.#timer = this.#clock.timer(timeoutMs, () => {
      this.#controller.abort(new OfflineError(`The server was silent for ${Math.round(timeoutMs / 1000)} s`));
    });
  }

  /** Changes the limit, and starts the wait anew. */
  setTimeout(timeoutMs: number | undefined): void {
    this.#timeoutMs = timeoutMs;
    this.touch();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#caller?.removeEventListener("abort", this.#onAbort);
  }
}
