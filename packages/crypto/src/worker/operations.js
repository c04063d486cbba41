// What workers do. Plain JavaScript, because Node starts no TypeScript in a worker; it also runs on the calling thread
// where no worker can be started.
import * as sodium from "libsodium-wrappers-sumo";
import { WasmMemoryError, withFrame } from "../backend/wasm-frame.js";

/** Bytes before a sealed block, and in front of its box. */
const nonceSize = 24;
const macSize = 16;
/** libsodium's number of Argon2id, version 1.3. */
const argon2id13 = 2;

/**
 * @param {import("./protocol.ts").WorkerRequest} request
 * @returns {Promise<import("./protocol.ts").WorkerReply>}
 */
export async function operate(request) {
  await sodium.ready;
  const secret = request.kind === "argon2id" ? request.password : request.key;
  try {
    // The wrappers of the package would leave copies of the key in the heap.
    const bytes = withFrame(sodium.libsodium, (frame) => compute(sodium.libsodium, frame, request));
    return bytes === undefined ? { status: "refused" } : { status: "done", bytes };
  } catch (error) {
    if (error instanceof WasmMemoryError) return { status: "no_memory" };
    throw error;
  } finally {
    secret.fill(0);
  }
}

/**
 * `undefined` when libsodium refuses: a wrong MAC, or parameters of Argon2id.
 * @param {import("../backend/wasm-memory.ts").LibsodiumModule} module
 * @param {import("../backend/wasm-frame.js").WasmFrame} frame
 * @param {import("./protocol.ts").WorkerRequest} request
 * @returns {Uint8Array<ArrayBuffer> | undefined}
 */
function compute(module, frame, request) {
  switch (request.kind) {
    case "seal": {
      const { data, nonce, key } = request;
      const size = nonceSize + macSize + data.length;
      const out = frame.alloc(size);
      const [source, keyAddress] = [frame.put(data), frame.put(key)];
      module.HEAPU8.set(nonce, out);
      const failed = module._crypto_secretbox_easy(out + nonceSize, source, data.length, 0, out, keyAddress);
      return failed === 0 ? frame.take(out, size) : undefined;
    }
    case "open": {
      const { data, key } = request;
      const boxSize = data.length - nonceSize;
      const [source, keyAddress] = [frame.put(data), frame.put(key)];
      const out = frame.alloc(boxSize - macSize);
      const box = source + nonceSize;
      const failed = module._crypto_secretbox_open_easy(out, box, boxSize, 0, source, keyAddress);
      return failed === 0 ? frame.take(out, boxSize - macSize) : undefined;
    }
    // libsodium keeps a copy of what it derives in memory of its own: the worker of a password ends with its answer.
    case "argon2id": {
      const { size, password, salt, opslimit, memlimitKb } = request;
      const out = frame.alloc(size);
      const failed = module._crypto_pwhash(
        out,
        size,
        0,
        frame.put(password),
        password.length,
        0,
        frame.put(salt),
        opslimit,
        0,
        memlimitKb * 1024,
        argon2id13,
      );
      return failed === 0 ? frame.take(out, size) : undefined;
    }
  }
}
