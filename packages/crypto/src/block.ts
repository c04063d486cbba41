import { throwIfAborted } from "@parsec/base";
import { bulkWorkers } from "#platform";
import { backend } from "./backend/current.ts";
import { nonceSize } from "./backend/port.ts";
import { CryptoWorkerError, DecryptionError } from "./errors.ts";
import { checkSealedSize, type SecretKey } from "./keys/secret-key.ts";
import { WorkerPool } from "./worker/pool.ts";
import type { WorkerReply, WorkerRequest } from "./worker/protocol.ts";

export interface CancelOptions {
  /** An abort rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** Below this many bytes the way to a worker and back costs more than the work. */
const workerThreshold = 16 * 1024;

/** `undefined` once a worker has failed to start: from then on this thread does the work. */
let pool: WorkerPool | undefined = /* @__PURE__ */ new WorkerPool(bulkWorkers);

/**
 * `key.encrypt(data)` for bulk data: off this thread with the wasm backend, several at once. `data` is left as it is.
 * @throws CryptoNotReadyError, KeyDestroyedError
 * @throws CryptoWorkerError when there is no memory for it
 */
export async function sealBlock(
  key: SecretKey,
  data: Uint8Array,
  options: CancelOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  throwIfAborted(options.signal);
  const { bulk, randomBytes } = backend();
  if (bulk === "inline" || data.length < workerThreshold) return key.encrypt(data);
  const reply = await run(
    () => ({ kind: "seal", key: key.toBytes(), nonce: randomBytes(nonceSize), data: new Uint8Array(data) }),
    options.signal,
  );
  if (reply.status !== "done") throw noMemory();
  return reply.bytes;
}

/**
 * `key.decrypt(data)` for bulk data: off this thread with the wasm backend, several at once. `data` is left as it is.
 * @throws NonceError, DecryptionError, CryptoNotReadyError, KeyDestroyedError
 * @throws CryptoWorkerError when there is no memory for it
 */
export async function openBlock(
  key: SecretKey,
  data: Uint8Array,
  options: CancelOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  throwIfAborted(options.signal);
  if (backend().bulk === "inline" || data.length < workerThreshold) return key.decrypt(data);
  checkSealedSize(data);
  const reply = await run(() => ({ kind: "open", key: key.toBytes(), data: new Uint8Array(data) }), options.signal);
  if (reply.status === "refused") throw new DecryptionError();
  if (reply.status !== "done") throw noMemory();
  return reply.bytes;
}

/** Says nothing of the key or the data: whoever waits for memory can try again. */
function noMemory(): CryptoWorkerError {
  return new CryptoWorkerError("The crypto worker has no memory left for a block: close what is open, and try again");
}

async function run(makeRequest: () => WorkerRequest, signal: AbortSignal | undefined): Promise<WorkerReply> {
  if (pool !== undefined) {
    try {
      return await pool.run(makeRequest, signal);
    } catch (error) {
      if (!(error instanceof CryptoWorkerError)) throw error;
      pool = undefined;
    }
  }
  throwIfAborted(signal);
  const { operate } = await import("./worker/operations.js");
  return operate(makeRequest());
}
