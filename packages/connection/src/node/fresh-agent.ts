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
  readonly #retired = new Set<Dispatcher>();
  #current: Dispatcher;
  /** When the loop served the network last, on the computer's clock, and for how long it had been busy until then. */
  #seenAt = Date.now();
  #busyMs = 0;

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
    if (this.#isStale()) this.#renew();
    this.#seenAt = Date.now();
    this.#busyMs = performance.eventLoopUtilization().active;
  }

  async destroy(): Promise<void> {
    await Promise.all([this.#current, ...this.#retired].map((agent) => agent.destroy()));
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
    this.#retired.add(old);
    // Idle sockets end now, the others with what they carry.
    const forget = () => this.#retired.delete(old);
    old.close().then(forget, forget);
  }
}
