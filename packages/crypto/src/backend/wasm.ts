import { BugError, randomBytes } from "@parsec/base";
import { type CryptoBackend, macSize, nonceSize, sealedBoxOverhead, secretBoxOverhead, signatureSize } from "./port.ts";
import { withFrame } from "./wasm-frame.js";
import type { LibsodiumModule } from "./wasm-memory.ts";

declare module "libsodium-wrappers-sumo" {
  /** Set once `ready` has resolved; missing from the types of the package. */
  export const libsodium: LibsodiumModule;
}

/**
 * The default driver: libsodium compiled to WebAssembly.
 *
 * It calls the compiled functions directly: the wrappers of the package leave copies of keys in the wasm heap, and
 * copy a sealed block once more.
 */
export async function loadWasmBackend(): Promise<CryptoBackend> {
  const wrappers = await import("libsodium-wrappers-sumo");
  await wrappers.ready;
  return wasmBackend(wrappers.libsodium);
}

function wasmBackend(sodium: LibsodiumModule): CryptoBackend {
  return {
    name: "wasm",
    bulk: "workers",
    randomBytes,

    secretBoxSeal: (message, nonce, key) =>
      withFrame(sodium, (frame) => {
        const out = frame.alloc(message.length + secretBoxOverhead);
        sodium.HEAPU8.set(nonce, out);
        const source = frame.put(message);
        must(sodium._crypto_secretbox_easy(out + nonceSize, source, message.length, 0, out, frame.put(key)));
        return frame.take(out, message.length + secretBoxOverhead);
      }),

    secretBoxOpen: (sealed, key) =>
      withFrame(sodium, (frame) => {
        const source = frame.put(sealed);
        const boxSize = sealed.length - nonceSize;
        const out = frame.alloc(boxSize - macSize);
        const failed = sodium._crypto_secretbox_open_easy(out, source + nonceSize, boxSize, 0, source, frame.put(key));
        return failed === 0 ? frame.take(out, boxSize - macSize) : undefined;
      }),

    blake2b: (size, data, key) =>
      withFrame(sodium, (frame) => {
        const out = frame.alloc(size);
        const keyAddress = key === undefined ? 0 : frame.put(key);
        must(sodium._crypto_generichash(out, size, frame.put(data), data.length, 0, keyAddress, key?.length ?? 0));
        return frame.take(out, size);
      }),

    blake2bDerive: (size, key, salt, personal) =>
      withFrame(sodium, (frame) => {
        const out = frame.alloc(size);
        const keyAddress = frame.put(key);
        must(
          sodium._crypto_generichash_blake2b_salt_personal(
            out,
            size,
            0,
            0,
            0,
            keyAddress,
            key.length,
            frame.put(salt),
            frame.put(personal),
          ),
        );
        return frame.take(out, size);
      }),

    x25519Base: (privateKey) =>
      withFrame(sodium, (frame) => {
        const out = frame.alloc(32);
        must(sodium._crypto_scalarmult_base(out, frame.put(privateKey)));
        return frame.take(out, 32);
      }),

    x25519: (privateKey, publicKey) =>
      withFrame(sodium, (frame) => {
        const out = frame.alloc(32);
        const failed = sodium._crypto_scalarmult(out, frame.put(privateKey), frame.put(publicKey));
        return failed === 0 ? frame.take(out, 32) : undefined;
      }),

    boxSeal: (message, publicKey) =>
      withFrame(sodium, (frame) => {
        const out = frame.alloc(message.length + sealedBoxOverhead);
        must(sodium._crypto_box_seal(out, frame.put(message), message.length, 0, frame.put(publicKey)));
        return frame.take(out, message.length + sealedBoxOverhead);
      }),

    boxSealOpen: (sealed, publicKey, privateKey) =>
      withFrame(sodium, (frame) => {
        const size = sealed.length - sealedBoxOverhead;
        const out = frame.alloc(size);
        const box = frame.put(sealed);
        const failed = sodium._crypto_box_seal_open(
          out,
          box,
          sealed.length,
          0,
          frame.put(publicKey),
          frame.put(privateKey),
        );
        return failed === 0 ? frame.take(out, size) : undefined;
      }),

    signKeypair: (seed) =>
      withFrame(sodium, (frame) => {
        const publicKey = frame.alloc(32);
        const secretKey = frame.alloc(64);
        must(sodium._crypto_sign_seed_keypair(publicKey, secretKey, frame.put(seed)));
        return { publicKey: frame.take(publicKey, 32), secretKey: frame.take(secretKey, 64) };
      }),

    signDetached: (message, secretKey) =>
      withFrame(sodium, (frame) => {
        const out = frame.alloc(signatureSize);
        must(sodium._crypto_sign_detached(out, 0, frame.put(message), message.length, 0, frame.put(secretKey)));
        return frame.take(out, signatureSize);
      }),

    verifyDetached: (signature, message, publicKey) =>
      withFrame(sodium, (frame) => {
        const signatureAddress = frame.put(signature);
        const messageAddress = frame.put(message);
        const failed = sodium._crypto_sign_verify_detached(
          signatureAddress,
          messageAddress,
          message.length,
          0,
          frame.put(publicKey),
        );
        return failed === 0;
      }),

    sha256: (data) =>
      withFrame(sodium, (frame) => {
        const out = frame.alloc(32);
        must(sodium._crypto_hash_sha256(out, frame.put(data), data.length, 0));
        return frame.take(out, 32);
      }),
  };
}

/** These calls fail only on wrong sizes, which the callers have checked. */
function must(status: number): void {
  if (status !== 0) throw new BugError("libsodium refused checked input");
}
