import { onAbort, throwIfAborted } from "./abort.ts";
import { requireNatural } from "./argument.ts";

interface Waiter {
  start: () => void;
}

/**
 * Lets at most `permits` tasks run at once; the others wait in order of arrival.
 * An abort while waiting rejects with `signal.reason` and takes no permit.
 */
export class Semaphore {
  #free: number;
  readonly #waiters: Waiter[] = [];

  constructor(permits: number) {
    requireNatural("permits", permits, { min: 1 });
    this.#free = permits;
  }

  async run<T>(task: () => Promise<T> | T, options: { signal?: AbortSignal | undefined } = {}): Promise<T> {
    await this.#acquire(options.signal);
    try {
      return await task();
    } finally {
      this.#release();
    }
  }

  #acquire(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      throwIfAborted(signal);
      if (this.#free > 0) {
        this.#free -= 1;
        resolve();
        return;
      }
      const waiter: Waiter = {
        start: () => {
          stopListening();
          resolve();
        },
      };
      this.#waiters.push(waiter);
      const stopListening = onAbort(signal, () => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(signal?.reason);
      });
    });
  }

  #release(): void {
    const next = this.#waiters.shift();
    if (next === undefined) this.#free += 1;
    else next.start();
  }
}

/** One task at a time, in order of arrival. Not reentrant. */
export class Mutex extends Semaphore {
  constructor() {
    super(1);
  }
}

/** One {@link Mutex} per key, kept only while somebody holds or awaits it. */
export class KeyedMutex<Key> {
  readonly #entries = new Map<Key, { mutex: Mutex; users: number }>();

  async run<T>(key: Key, task: () => Promise<T> | T, options: { signal?: AbortSignal | undefined } = {}): Promise<T> {
    const entry = this.#entries.get(key) ?? { mutex: new Mutex(), users: 0 };
    this.#entries.set(key, entry);
    entry.users += 1;
    try {
      return await entry.mutex.run(task, options);
    } finally {
      entry.users -= 1;
      if (entry.users === 0) this.#entries.delete(key);
    }
  }
}
