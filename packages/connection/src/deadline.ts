import { type Clock, onAbort, type Timer } from "@parsec/base";
import { OfflineError } from "./errors.ts";
import type { Cancellation } from "./transport.ts";

/**
 * The patience of one request: it is cancelled when the caller's signal aborts, or when nothing happened for too long.
 * `stop` must be called in the end.
 */
export class Deadline implements Cancellation {
  readonly #clock: Clock;
  readonly #stopListening: () => void;
  readonly #listeners = new Set<(reason: unknown) => void>();
  #cancelled: { readonly reason: unknown } | undefined;
  #controller: AbortController | undefined;
  #timer: Timer | undefined;
  #timeoutMs: number | undefined;
  /** When something happened last, in microseconds. */
  #touched: number;

  /** `timeoutMs` undefined: no limit. */
  constructor(clock: Clock, timeoutMs: number | undefined, caller: AbortSignal | undefined) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#touched = clock.now();
    const onCallerAbort = () => this.#cancel(caller?.reason);
    this.#arm(timeoutMs);
    if (caller?.aborted) onCallerAbort();
    this.#stopListening = onAbort(caller, onCallerAbort);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      this.onAbort((reason) => controller.abort(reason));
    }
    return this.#controller.signal;
  }

  onAbort(listener: (reason: unknown) => void): () => void {
    if (this.#cancelled !== undefined) listener(this.#cancelled.reason);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get isCancelled(): boolean {
    return this.#cancelled !== undefined;
  }

  /** What the promise gives, or the reason as soon as it is cancelled. The work itself hears of it by itself. */
  race<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(resolve, reject);
      this.onAbort(reject);
    });
  }

  /** Throws the caller's reason, or an {@link OfflineError} when it was the silence. */
  throwIfAborted(): void {
    if (this.#cancelled !== undefined) throw this.#cancelled.reason;
  }

  /** Something happened: the wait starts anew. Cheap, as it comes with every piece of an answer. */
  touch(): void {
    this.#touched = this.#clock.now();
  }

  /** Changes the limit, and starts the wait anew. */
  setTimeout(timeoutMs: number | undefined): void {
    this.touch();
    if (timeoutMs === this.#timeoutMs) return;
    this.#timeoutMs = timeoutMs;
    this.#arm(timeoutMs);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#stopListening();
  }

  #arm(delayMs: number | undefined): void {
    this.#timer?.cancel();
    if (delayMs !== undefined) this.#timer = this.#clock.timer(delayMs, () => this.#check());
  }

  #check(): void {
    const timeoutMs = this.#timeoutMs ?? Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    // The clock was set back: nobody waits for it to catch up.
    if (now < this.#touched) this.#touched = now;
    const leftMs = timeoutMs - (now - this.#touched) / 1000;
    if (leftMs > 0) this.#arm(leftMs);
    else this.#cancel(silence(timeoutMs));
  }

  #cancel(reason: unknown): void {
    if (this.#cancelled !== undefined) return;
    this.#cancelled = { reason };
    this.#timer?.cancel();
    for (const listener of this.#listeners) listener(reason);
  }
}

function silence(timeoutMs: number): OfflineError {
  return new OfflineError(`The server was silent for ${Math.round(timeoutMs / 1000)} s`, { reason: "silent" });
}
