import { onAbort } from "@parsec/base";
import { sourceOf } from "../rules/source.ts";

/** Bytes that may be in use at once. */
export interface ByteLimits {
  readonly total: number;
  /** Of one source (see `limits.ts`), so that one alone cannot keep the others waiting. */
  readonly perSource: number;
}

interface Waiter {
  readonly source: string;
  readonly bytes: number;
  readonly start: () => void;
}

/**
 * Shares memory out to request bodies: who finds none left waits, and its connection is not read meanwhile. What fits
 * starts in order of arrival; a source that has used up its share does not hold up the others.
 */
export class ByteBudget {
  readonly #limits: ByteLimits;
  readonly #bySource = new Map<string, number>();
  #used = 0;
  #waiters: Waiter[] = [];

  constructor(limits: ByteLimits) {
    this.#limits = limits;
  }

  /** Bytes in use now. */
  get used(): number {
    return this.#used;
  }

  /**
   * Waits until these bytes are there. Gives what returns them, to be called once. An abort while waiting rejects with
   * `signal.reason`.
   */
  async take(ip: string, bytes: number, signal: AbortSignal): Promise<() => void> {
    const source = sourceOf(ip);
    signal.throwIfAborted();
    if (this.#fits(source, bytes)) this.#add(source, bytes);
    else await this.#wait(source, bytes, signal);
    return () => {
      this.#add(source, -bytes);
      this.#startWaiters();
    };
  }

  #wait(source: string, bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const start = () => {
        stopListening();
        this.#add(source, bytes);
        resolve();
      };
      const waiter = { source, bytes, start };
      this.#waiters.push(waiter);
      const stopListening = onAbort(signal, () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(signal.reason);
      });
    });
  }

  /** More than there can ever be starts when nothing else is in use. */
  #fits(source: string, bytes: number): boolean {
    const own = this.#bySource.get(source) ?? 0;
    return (
      (this.#used === 0 || this.#used + bytes <= this.#limits.total) &&
      (own === 0 || own + bytes <= this.#limits.perSource)
    );
  }

  #add(source: string, bytes: number): void {
    this.#used += bytes;
    const own = (this.#bySource.get(source) ?? 0) + bytes;
    if (own === 0) this.#bySource.delete(source);
    else this.#bySource.set(source, own);
  }

  #startWaiters(): void {
    this.#waiters = this.#waiters.filter((waiter) => {
      if (!this.#fits(waiter.source, waiter.bytes)) return true;
      waiter.start();
      return false;
    });
  }
}
