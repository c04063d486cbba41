import { requireBytes, requireMethods, requireObject, requireSignal, throwIfAborted } from "@parsec/base";
import { bulkWorkers } from "#platform";
import { backend } from "./backend/current.ts";
import { nonceSize } from "./backend/port.ts";
import { CryptoWorkerError, DecryptionError } from "./errors.ts";
import { checkSealedSize, type SecretKey } from "./keys/secret-key.ts";
import { inTurn } from "./worker/in-turn.ts";
import { type Outcome, offThread } from "./worker/off-thread.ts";
import { WorkerPool } from "./worker/pool.ts";
import type { WorkerRequest } from "./worker/protocol.ts";

export interface CancelOptions {
  /** An abort rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** Below this many bytes the way to a worker and back costs more than the work. */
const workerThreshold = 16 * 1024;

const pool = /* @__PURE__ */ new WorkerPool(bulkWorkers);

/**
 * `key.encrypt(data)` for bulk data: off this thread with the wasm backend, several at once; with the native one here,
 * where it is as fast as the way to a worker, and timers have their turn between blocks. `data` is left as it is.
 * @throws InvalidArgumentError, CryptoMemoryError, CryptoNotReadyError, KeyDestroyedError
 */
export async function sealBlock(
  key: SecretKey,
  data: Uint8Array,
  options: CancelOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkArguments(key, data, options);
  throwIfAborted(options.signal);
  const { bulk, randomBytes } = backend();
  if (bulk === "inline" || data.length < workerThreshold) return inTurn(() => key.encrypt(data), options.signal);
  const sealed = await run(
    () => ({ kind: "seal", key: key.toBytes(), nonce: randomBytes(nonceSize), data: new Uint8Array(data) }),
    options.signal,
  );
  if (sealed === undefined) throw new CryptoWorkerError("The crypto worker did not encrypt", { started: true });
  return sealed;
}

/**
 * `key.decrypt(data)` for bulk data: off this thread with the wasm backend, several at once. `data` is left as it is.
 * @throws InvalidArgumentError, NonceError, DecryptionError, CryptoMemoryError, CryptoNotReadyError, KeyDestroyedError
 */
export async function openBlock(
  key: SecretKey,
  data: Uint8Array,
  options: CancelOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  checkArguments(key, data, options);
  throwIfAborted(options.signal);
  if (backend().bulk === "inline" || data.length < workerThreshold) {
    return inTurn(() => key.decrypt(data), options.signal);
  }
  checkSealedSize(data);
  const opened = await run(() => ({ kind: "open", key: key.toBytes(), data: new Uint8Array(data) }), options.signal);
  if (opened === undefined) throw new DecryptionError();
  return opened;
}

function checkArguments(key: SecretKey, data: Uint8Array, options: CancelOptions): void {
  requireMethods("key", key, "a SecretKey", "encrypt", "decrypt");
  requireBytes("data", data);
  requireObject("options", options);
  requireSignal("signal", options.signal);
}

async function run(makeRequest: () => WorkerRequest, signal: AbortSignal | undefined): Promise<Outcome> {
  const outcome = await offThread(makeRequest, (make) => pool.run(make, signal), signal);
  throwIfAborted(signal);
  return outcome;
}
