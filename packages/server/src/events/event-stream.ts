import { keepaliveFrame } from "@parsec/protocol";

/** How many frames may wait for a slow client before its stream is ended (spec 08a §6.5). */
const queueLimit = 100;

/** Milliseconds: a longer timer of Node fires at once. */
const longestTimer = 2 ** 31 - 1;

/**
 * The frames for one client, in order. What is queued when the stream ends is still delivered; a client too slow to
 * read loses its stream. After `keepalive` seconds of silence a keepalive is queued.
 */
export class EventStream {
  readonly #queue: string[] = [];
  readonly #keepaliveMs: number | null;
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;
  #ended = false;

  constructor(keepalive: number | null) {
    this.#keepaliveMs = keepalive === null ? null : Math.min(keepalive * 1000, longestTimer);
    this.#restartTimer();
  }

  push(frame: string): void {
    if (this.#ended) return;
    if (this.#queue.length >= queueLimit) {
      this.end();
      return;
    }
    this.#queue.push(frame);
    this.#restartTimer();
    this.#wake?.();
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#wake?.();
  }

  /** The next frame, as soon as there is one; `undefined` at the end. One call at a time. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const frame = this.#queue.shift();
      if (frame !== undefined || this.#ended) return frame;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }

  #restartTimer(): void {
    if (this.#keepaliveMs === null) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.push(keepaliveFrame), this.#keepaliveMs);
  }
}
