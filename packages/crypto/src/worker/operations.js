// What workers do. Plain JavaScript, because Node starts no TypeScript in a worker; it also runs on the calling thread
// where no worker can be started.
import * as wrappers from "libsodium-wrappers-sumo";
import { inFrame, NoMemory, openIn, sealIn } from "../backend/wasm-memory.js";

/** @typedef {import("../backend/libsodium-module.ts").LibsodiumModule} LibsodiumModule */
/** @typedef {Extract<import("./protocol.ts").WorkerRequest, { kind: "argon2id" }>} Argon2idRequest */

/** `crypto_pwhash_ALG_ARGON2ID13`. */
const argon2id13 = 2;

/** The least that Argon2id works with, in bytes. */
const leastMemory = 8192;

/**
 * The key or password of the request is wiped, in its own array and on the heap, whatever the outcome. So is the large
 * memory of Argon2id, unless the heap ends with the worker.
 *
 * @param {import("./protocol.ts").WorkerRequest} request
 * @param {{ heapEnds?: boolean }} [options]
 * @returns {Promise<import("./protocol.ts").WorkerReply>}
 */
export async function operate(request, options = {}) {
  const secret = request.kind === "argon2id" ? request.password : request.key;
  try {
    await wrappers.ready;
    const bytes = compute(wrappers.libsodium, request, options.heapEnds === true);
    return bytes === undefined ? { status: "refused" } : { status: "done", bytes };
  } catch (error) {
    if (error instanceof NoMemory) return { status: "no_memory" };
    return { status: "failed", message: String(error) };
  } finally {
    secret.fill(0);
  }
}

/**
 * `undefined` when libsodium says no.
 *
 * @param {LibsodiumModule} sodium
 * @param {import("./protocol.ts").WorkerRequest} request
 * @param {boolean} heapEnds
 * @returns {Uint8Array<ArrayBuffer> | undefined}
 */
function compute(sodium, request, heapEnds) {
  switch (request.kind) {
    case "seal":
      return sealIn(sodium, request.data, request.nonce, request.key);
    case "open":
      return openIn(sodium, request.data, request.key);
    case "argon2id":
      return argon2id(sodium, request, heapEnds);
  }
}

/**
 * @param {LibsodiumModule} sodium
 * @param {Argon2idRequest} request
 * @param {boolean} heapEnds
 */
function argon2id(sodium, { password, salt, opslimit, memlimitKb, size }, heapEnds) {
  return inFrame(sodium, (frame) => {
    const out = frame.alloc(size);
    const [secret, saltAddress] = [frame.put(password), frame.put(salt)];
    /** @param {number} length @param {number} passes @param {number} memory */
    const derive = (length, passes, memory) =>
      sodium._crypto_pwhash(out, size, 0, secret, length, 0, saltAddress, passes, 0, memory, argon2id13);
    const memlimit = memlimitKb * 1024;
    // The parameters were checked: nothing else can fail.
    if (derive(password.length, opslimit, memlimit) !== 0) throw new NoMemory(`${memlimit} bytes`);
    const derived = frame.take(out, size);
    if (heapEnds) return derived;
    // The key is still on the stack of the compiled code: that of no password takes its place. And what the frame
    // allocates it wipes.
    derive(0, 1, leastMemory);
    frame.alloc(memlimit);
    return derived;
  });
}
