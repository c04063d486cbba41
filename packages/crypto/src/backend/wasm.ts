import { BugError, randomBytes } from "@parsec/base";
import { CryptoMemoryError } from "../errors.ts";
import type { LibsodiumModule } from "./libsodium-module.ts";
import { type CryptoBackend, sealedBoxOverhead, signatureSize } from "./port.ts";
import { inFrame, NoMemory, openIn, sealIn, type WasmFrame } from "./wasm-memory.js";

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

    secretBoxSeal: (message, nonce, key) => typed(() => sealIn(sodium, message, nonce, key)),
    secretBoxOpen: (sealed, key) => typed(() => openIn(sodium, sealed, key)),

    blake2b: (size, data, key) =>
      withFrame(sodium, (frame) => {
        const out = frame.alloc(size);
        const keyAddress = key === undefined ? 0 : frame.put(key);
        must(sodium._crypto_generichash(out, size, frame.put(data), data.length, 0, keyAddress, key?.length ?? 0));
        const hash = frame.take(out, size);
        // The hash, which may be a key, is still on the stack of the compiled code: that of nothing takes its place.
        must(sodium._crypto_generichash(out, size, 0, 0, 0, 0, 0));
        return hash;
      }),

    blake2bDerive: (size, key, salt, personal) =>
      withFrame(sodium, (frame) => {
        const out = frame.alloc(size);
        const keyAddress = frame.put(key);
        const [atSalt, atPersonal] = [frame.put(salt), frame.put(personal)];
        const { _crypto_generichash_blake2b_salt_personal: blake2b } = sodium;
        const derive = () => must(blake2b(out, size, 0, 0, 0, keyAddress, key.length, atSalt, atPersonal));
        derive();
        const derived = frame.take(out, size);
        // As above.
        sodium.HEAPU8.fill(0, keyAddress, keyAddress + key.length);
        derive();
        return derived;
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

function withFrame<T>(sodium: LibsodiumModule, call: (frame: WasmFrame) => T): T {
  return typed(() => inFrame(sodium, call));
}

/** @throws CryptoMemoryError */
function typed<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    throw cause instanceof NoMemory ? new CryptoMemoryError({ cause }) : cause;
  }
}

/** These calls fail only on wrong sizes, which the callers have checked. */
function must(status: number): void {
  if (status !== 0) throw new BugError("libsodium refused checked input");
}
