import { performance } from "node:perf_hooks";
import type { Dispatcher } from "undici";

/** When the program kept the loop for so long, in milliseconds, servers may have closed sockets unnoticed. */
const stallMs = 500;

/**
 * An agent whose idle sockets can be trusted. A server closes a socket some seconds after its last answer, and ours are
 * gone before; but while the program computes, or the computer sleeps, neither our timers run nor is the news of it
 * read. A request on such a socket fails, and it is not known whether it was executed: so that after a stall new
 * sockets are opened, and those of before only end what they have begun.
 */
export class FreshAgent {
  readonly #create: () => Dispatcher;
  readonly #keepAliveMs: number;
  /** Of the requests under way, those of retired agents included, which undici forgets. */
  readonly #onDestroy = new Set<() => void>();
  #current: Dispatcher;
  /** When the loop served the network last, on the computer's clock, and for how long it had been busy until then. */
  #seenAt = Date.now();
  #busyMs = 0;
  #isDestroyed = false;

  constructor(create: () => Dispatcher, keepAliveMs: number) {
    this.#create = create;
    this.#keepAliveMs = keepAliveMs;
    this.#current = create();
  }

  /** For one request. */
  get(): Dispatcher {
    this.seen();
    return this.#current;
  }

  /**
   * To be called when something comes from the network: the loop serves it again. What it tells may lead to a request
   * at once, before the end of another socket has been heard.
   */
  seen(): void {
    if (!this.#isDestroyed && this.#isStale()) this.#renew();
    this.#seenAt = Date.now();
    this.#busyMs = performance.eventLoopUtilization().active;
  }

  /** Calls `listener` when the agent is destroyed; gives what takes it away again. */
  onDestroy(listener: () => void): () => void {
    this.#onDestroy.add(listener);
    return () => this.#onDestroy.delete(listener);
  }

  /** What comes later fails: nothing is opened any more. */
  async destroy(): Promise<void> {
    this.#isDestroyed = true;
    for (const listener of this.#onDestroy) listener();
    await this.#current.destroy();
  }

  #isStale(): boolean {
    const passedMs = Date.now() - this.#seenAt;
    // Clocks that were set tell nothing.
    if (passedMs < 0 || passedMs >= this.#keepAliveMs) return true;
    return passedMs >= stallMs && performance.eventLoopUtilization().active - this.#busyMs >= stallMs;
  }

  #renew(): void {
    const old = this.#current;
    this.#current = this.#create();
    // Idle sockets end now, the others with what they carry.
    old.close().catch(() => undefined);
  }
}
