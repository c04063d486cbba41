import { orAbort, throwIfAborted, utf8 } from "@parsec/base";
import { mayBlockThread } from "#platform";
import { backend } from "../backend/current.ts";
import type { CancelOptions } from "../block.ts";
import { CryptoWorkerError, DataSizeError } from "../errors.ts";
import { KeyDerivation } from "../keys/key-derivation.ts";
import { SecretKey } from "../keys/secret-key.ts";
import { runInOwnWorker } from "../worker/pool.ts";
import type { WorkerRequest } from "../worker/protocol.ts";
import { checkComputable, type PasswordAlgorithm } from "./algorithm.ts";

/** Bytes of key that a password gives. */
const keySize = 32;

/**
 * The key that a password gives (spec 01 §8). A string is taken as typed, in UTF-8, neither trimmed nor normalized; it
 * can't be wiped, an array of bytes can, by the caller.
 *
 * Takes a fraction of a second by design, never on this thread. An abort rejects at once and ends the work, except that
 * of the native backend, which runs to its end unheard.
 * @throws DataSizeError for parameters that can't be computed, or for want of memory
 * @throws CryptoWorkerError when a worker is needed and none can be started
 * @throws CryptoNotReadyError
 */
export async function passwordToSecretKey(
  password: string | Uint8Array,
  algorithm: PasswordAlgorithm,
  options: CancelOptions = {},
): Promise<SecretKey> {
  return asKey(await argon2id(password, algorithm, options.signal), (bytes) => SecretKey.fromBytes(bytes));
}

/** The same bytes as {@link passwordToSecretKey}, as a {@link KeyDerivation}. */
export async function passwordToKeyDerivation(
  password: string | Uint8Array,
  algorithm: PasswordAlgorithm,
  options: CancelOptions = {},
): Promise<KeyDerivation> {
  return asKey(await argon2id(password, algorithm, options.signal), (bytes) => KeyDerivation.fromBytes(bytes));
}

function asKey<Key>(bytes: Uint8Array, make: (bytes: Uint8Array) => Key): Key {
  try {
    return make(bytes);
  } finally {
    bytes.fill(0);
  }
}

async function argon2id(
  password: string | Uint8Array,
  algorithm: PasswordAlgorithm,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  throwIfAborted(signal);
  checkComputable(algorithm);
  const native = backend().argon2id;
  const input = () => ({
    password: typeof password === "string" ? utf8(password) : new Uint8Array(password),
    salt: new Uint8Array(algorithm.salt),
    opslimit: algorithm.opslimit,
    memlimitKb: algorithm.memlimitKb,
    size: keySize,
  });
  if (native !== undefined) return orAbort(inNativeThread(native, input()), signal);
  return inWorker(() => ({ kind: "argon2id", ...input() }), signal);
}

type Native = NonNullable<ReturnType<typeof backend>["argon2id"]>;

async function inNativeThread(native: Native, input: Parameters<Native>[0]): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await native(input);
  } catch (cause) {
    throw refused({ cause });
  } finally {
    input.password.fill(0);
  }
}

async function inWorker(
  makeRequest: () => WorkerRequest,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const reply = await runInOwnWorker(makeRequest(), signal).catch(async (error: unknown) => {
    if (!(error instanceof CryptoWorkerError && mayBlockThread)) throw error;
    const { operate } = await import("../worker/operations.js");
    return operate(makeRequest());
  });
  if (reply.status !== "done") throw refused({});
  return reply.bytes;
}

function refused(options: { cause?: unknown }): DataSizeError {
  return new DataSizeError("Argon2id refused these parameters, or there is not enough memory for them", options);
}
