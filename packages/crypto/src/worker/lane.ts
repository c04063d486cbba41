import { CryptoWorkerError } from "../errors.ts";
import { createWorker } from "./create-worker.ts";
import { buffersOf, type CryptoWorker, type WorkerReply, type WorkerRequest } from "./protocol.ts";

interface Pending {
  resolve(reply: WorkerReply): void;
  reject(error: CryptoWorkerError): void;
}

/** One running worker and the request that it works on, if any. */
export class Lane {
  readonly #worker: CryptoWorker;
  #pending: Pending | undefined;
  #dead = false;

  private constructor(worker: CryptoWorker) {
    this.#worker = worker;
    worker.listen({
      reply: (reply) => this.#end()?.resolve(reply),
      failed: (cause) => {
        this.terminate();
        this.#end()?.reject(new CryptoWorkerError("The crypto worker failed", { cause }));
      },
    });
    worker.setBusy(false);
  }

  /** @throws CryptoWorkerError when there are no workers here */
  static start(): Lane {
    try {
      return new Lane(createWorker());
    } catch (cause) {
      throw new CryptoWorkerError("No worker can be started here", { cause });
    }
  }

  get dead(): boolean {
    return this.#dead;
  }

  /**
   * One at a time. The buffers of the request are handed over: the caller no longer has them.
   * Rejects with {@link CryptoWorkerError}; never settles when the lane is terminated meanwhile.
   */
  run(request: WorkerRequest): Promise<WorkerReply> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#worker.setBusy(true);
      this.#worker.post(request, buffersOf(request));
    });
  }

  terminate(): void {
    this.#dead = true;
    this.#worker.terminate();
  }

  #end(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#worker.setBusy(false);
    return pending;
  }
}
