// What workers do. Plain JavaScript, because Node starts no TypeScript in a worker; it also runs on the calling thread
// where no worker can be started.
import sodium from "libsodium-wrappers-sumo";

/**
 * @param {import("./protocol.ts").WorkerRequest} request
 * @returns {Promise<import("./protocol.ts").WorkerReply>}
 */
export async function operate(request) {
  await sodium.ready;
  const secret = request.kind === "argon2id" ? request.password : request.key;
  try {
    return { status: "done", bytes: compute(request) };
  } catch {
    // libsodium throws plain errors, for nothing else than its own refusals: sizes were checked before.
    return { status: "refused" };
  } finally {
    secret.fill(0);
  }
}

/**
 * @param {import("./protocol.ts").WorkerRequest} request
 * @returns {Uint8Array<ArrayBuffer>}
 */
function compute(request) {
  switch (request.kind) {
    case "seal": {
      const box = sodium.crypto_secretbox_easy(request.data, request.nonce, request.key);
      const sealed = new Uint8Array(request.nonce.length + box.length);
      sealed.set(request.nonce);
      sealed.set(box, request.nonce.length);
      return sealed;
    }
    case "open": {
      const nonceSize = sodium.crypto_secretbox_NONCEBYTES;
      const nonce = request.data.subarray(0, nonceSize);
      return new Uint8Array(sodium.crypto_secretbox_open_easy(request.data.subarray(nonceSize), nonce, request.key));
    }
    case "argon2id":
      return new Uint8Array(
        sodium.crypto_pwhash(
          request.size,
          request.password,
          request.salt,
          request.opslimit,
          request.memlimitKb * 1024,
          sodium.crypto_pwhash_ALG_ARGON2ID13,
        ),
      );
  }
}
