import type { Dispatcher } from "undici";

/** So many bytes may wait for the reader before the socket is paused. */
const highWaterMark = 256 * 1024;
/** What a piece takes at least, however short: a server may send its answer byte by byte. */
const leastPiece = 1024;

/**
 * The body of an answer: undici fills it, one reader empties it. Lighter than a stream of Node, whose making costs a
 * small command more than its own decoding.
 */
export class ResponseBody implements AsyncIterable<Uint8Array> {
  readonly #controller: Dispatcher.DispatchController;
  readonly #waiting: Uint8Array[] = [];
  #waitingSize = 0;
  #state: "open" | "ended" | { readonly error: unknown } = "open";
  #wake: () => void = () => undefined;

  constructor(controller: Dispatcher.DispatchController) {
    this.#controller = controller;
  }

  push({ buffer, byteOffset, length }: Buffer): void {
    // A `Buffer` is a `Uint8Array` whose `slice` does not copy: nobody up there expects that.
    this.#waiting.push(new Uint8Array(buffer, byteOffset, length));
    this.#waitingSize += Math.max(length, leastPiece);
    if (this.#waitingSize > highWaterMark) this.#controller.pause();
    this.#wake();
  }

  end(): void {
    if (this.#state === "open") this.#state = "ended";
    this.#wake();
  }

  fail(error: unknown): void {
    if (this.#state === "open") this.#state = { error };
    this.#wake();
  }

  /** Frees the socket, unless the answer has ended: it may then serve the next request. */
  discard(): void {
    if (this.#state !== "open") return;
    const error = new Error("The answer was not wanted any more");
    this.fail(error);
    this.#controller.abort(error);
  }

  /** By hand, since an async generator costs a small answer several promises. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.discard();
        return { done: true, value: undefined };
      },
    };
  }

  async #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const chunk = this.#waiting.shift();
      if (chunk !== undefined) {
        this.#waitingSize -= Math.max(chunk.length, leastPiece);
        return { done: false, value: chunk };
      }
      if (this.#state === "ended") return { done: true, value: undefined };
      if (this.#state !== "open") throw this.#state.error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#controller.resume();
      });
    }
  }
}
