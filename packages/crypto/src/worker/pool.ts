import { orAbort, Semaphore, throwIfAborted } from "@parsec/base";
import { Lane } from "./lane.ts";
import type { WorkerReply, WorkerRequest } from "./protocol.ts";

/** A few workers, started when first needed and kept. */
export class WorkerPool {
  readonly #slots: Semaphore;
  readonly #idle: Lane[] = [];

  constructor(size: number) {
    this.#slots = new Semaphore(size);
  }

  /**
   * `makeRequest` is called when a worker is free. An abort rejects at once; a request under way, a matter of
   * milliseconds, is finished and its result dropped.
   * @throws CryptoWorkerError, CryptoMemoryError
   */
  run(makeRequest: () => WorkerRequest, signal: AbortSignal | undefined): Promise<WorkerReply> {
    const work = async () => {
      throwIfAborted(signal);
      const lane = this.#idleLane() ?? Lane.start();
      try {
        return await lane.run(makeRequest());
      } finally {
        this.#idle.push(lane);
      }
    };
    return orAbort(this.#slots.run(work, { signal }), signal);
  }

  #idleLane(): Lane | undefined {
    for (;;) {
      const lane = this.#idle.pop();
      if (lane === undefined || lane.usable) return lane;
      lane.terminate();
    }
  }
}

/**
 * Runs a request in a worker started for it alone: its memory, which may be large, goes with it. An abort ends the
 * worker at once.
 * @throws CryptoWorkerError, CryptoMemoryError
 */
export async function runInOwnWorker(request: WorkerRequest, signal: AbortSignal | undefined): Promise<WorkerReply> {
  throwIfAborted(signal);
  const lane = Lane.start();
  try {
    return await orAbort(lane.run(request), signal);
  } finally {
    lane.terminate();
  }
}
