import { CryptoMemoryError, CryptoWorkerError } from "../errors.ts";
import { currentCreateWorker } from "./create-worker.ts";
import { buffersOf, type CryptoWorker, type WorkerReply, type WorkerRequest } from "./protocol.ts";

interface Pending {
  resolve(reply: WorkerReply): void;
  reject(error: Error): void;
}

/** One running worker and the request that it works on, if any. */
export class Lane {
  readonly #worker: CryptoWorker;
  readonly #create = currentCreateWorker();
  #pending: Pending | undefined;
  #failure: Error | undefined;
  #dead = false;
  #started = false;

  private constructor(worker: CryptoWorker) {
    this.#worker = worker;
    worker.listen({
      reply: (reply) => {
        this.#started = true;
        if (reply.status !== "started") this.#end()?.resolve(reply);
      },
      failed: (cause) => this.#failed(cause),
    });
    worker.setBusy(false);
  }

  /** @throws CryptoWorkerError when there are no workers here */
  static start(): Lane {
    try {
      return new Lane(currentCreateWorker()());
    } catch (cause) {
      throw noWorkerStarts(cause);
    }
  }

  /** It has not died, and is of the kind that the application wants now. */
  get usable(): boolean {
    return !this.#dead && this.#create === currentCreateWorker();
  }

  /**
   * One at a time. The buffers of the request are handed over: the caller no longer has them.
   * Rejects with {@link CryptoWorkerError} or {@link CryptoMemoryError}; never settles when the lane is terminated
   * meanwhile.
   */
  run(request: WorkerRequest): Promise<WorkerReply> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) throw this.#failure;
      this.#pending = { resolve, reject };
      this.#worker.setBusy(true);
      this.#worker.post(request, buffersOf(request));
    });
  }

  terminate(): void {
    this.#dead = true;
    this.#worker.terminate();
  }

  #failed(cause: unknown): void {
    // Also the end of a worker that was told to end.
    if (this.#dead) return;
    this.terminate();
    this.#failure = this.#started ? death(cause) : noWorkerStarts(cause);
    this.#end()?.reject(this.#failure);
  }

  #end(): Pending | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    this.#worker.setBusy(false);
    return pending;
  }
}

function noWorkerStarts(cause: unknown): CryptoWorkerError {
  return new CryptoWorkerError(
    "No worker of @parsec/crypto starts here: most often the bundler did not emit its file. Build @parsec/crypto/worker " +
      'as an entry of its own and say where it is: ready({ createWorker }), see "Bundlers" in the README of @parsec/crypto',
    { cause, started: false },
  );
}

function death(cause: unknown): Error {
  const isMemory = cause instanceof Error && "code" in cause && cause.code === "ERR_WORKER_OUT_OF_MEMORY";
  return isMemory
    ? new CryptoMemoryError({ cause })
    : new CryptoWorkerError("The crypto worker died", { cause, started: true });
}
