import { type OperationOptions, orAbort } from "@parsec/base";

/** One caller of `sync()`, until it is answered. */
class Call {
  readonly promise: Promise<void>;
  readonly #onProgress: OperationOptions["onProgress"];
  #resolve: () => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #done = 0;
  #total = 0;

  constructor({ onProgress }: OperationOptions) {
    this.#onProgress = onProgress;
    this.promise = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // The caller may have left.
    this.promise.catch(() => undefined);
  }

  expect(bytes: number): void {
    this.#total += bytes;
  }

  uploaded(bytes: number): void {
    this.#done += bytes;
    this.#total = Math.max(this.#total, this.#done);
    try {
      this.#onProgress?.({ done: this.#done, total: this.#total });
    } catch (error) {
      // That of one caller: neither the work nor the others are to fail for it.
      this.#reject(error);
    }
  }

  /** What was expected and is not there any more was overwritten, removed, or sent before this call. */
  resolve(): void {
    this.uploaded(this.#total - this.#done);
    this.#resolve();
  }

  reject(error: unknown): void {
    this.#reject(error);
  }
}

/** Those who wait for the same work: each sees it to its end, with its progress. */
export class SyncCalls {
  readonly #calls = new Set<Call>();

  get isEmpty(): boolean {
    return this.#calls.size === 0;
  }

  /**
   * Waits for the answer; `begin` is called once the call counts. With `onProgress`, `pendingBytes` is asked first: the
   * total to be expected.
   */
  async run(options: OperationOptions, pendingBytes: () => Promise<number>, begin: () => void): Promise<void> {
    const call = new Call(options);
    this.#calls.add(call);
    try {
      if (options.onProgress !== undefined) call.expect(await orAbort(pendingBytes(), options.signal));
      begin();
      await orAbort(call.promise, options.signal);
    } finally {
      this.#calls.delete(call);
    }
  }

  uploaded(bytes: number): void {
    for (const call of this.#calls) call.uploaded(bytes);
  }

  /** Those who wait now; they can be answered later, when others wait too. */
  waiting(): readonly Call[] {
    return [...this.#calls];
  }

  rejectAll(error: unknown): void {
    for (const call of this.#calls) call.reject(error);
  }
}
