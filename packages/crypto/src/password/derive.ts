import {
  orAbort,
  requireArgument,
  requireBytes,
  requireObject,
  requireSignal,
  throwIfAborted,
  utf8,
} from "@parsec/base";
import { backend } from "../backend/current.ts";
import type { CancelOptions } from "../block.ts";
import { CryptoMemoryError, DataSizeError } from "../errors.ts";
import { KeyDerivation } from "../keys/key-derivation.ts";
import { SecretKey } from "../keys/secret-key.ts";
import { offThread } from "../worker/off-thread.ts";
import { runInOwnWorker } from "../worker/pool.ts";
import type { WorkerRequest } from "../worker/protocol.ts";
import { checkComputable, type PasswordAlgorithm } from "./algorithm.ts";

/** Bytes of key that a password gives. */
const keySize = 32;

/**
 * The key that a password gives (spec 01 §8). A string is taken as typed, in UTF-8, neither trimmed nor normalized; it
 * can't be wiped, an array of bytes can, by the caller.
 *
 * Takes a fraction of a second by design, off this thread, unless no worker starts here. An abort rejects at once and
 * ends the work, except that of the native backend, which runs to its end unheard.
 * @throws DataSizeError for parameters that can't be computed
 * @throws InvalidArgumentError, CryptoMemoryError, CryptoNotReadyError
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
  const isPassword = typeof password === "string" || password instanceof Uint8Array;
  requireArgument("password", password, "a text or a Uint8Array", isPassword);
  requireObject("algorithm", algorithm);
  requireBytes("algorithm.salt", algorithm.salt);
  requireSignal("signal", signal);
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
    // The parameters were checked: nothing else can fail.
    throw new CryptoMemoryError({ cause });
  } finally {
    input.password.fill(0);
  }
}

async function inWorker(
  makeRequest: () => WorkerRequest,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await offThread(makeRequest, (make) => runInOwnWorker(make(), signal), signal);
  throwIfAborted(signal);
  if (bytes === undefined) throw new DataSizeError("Argon2id refused these parameters");
  return bytes;
}
