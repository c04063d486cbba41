import { blake2b } from "@noble/hashes/blake2.js";
import type sodiumNative from "sodium-native";
import {
  type CryptoBackend,
  macSize,
  nonceSize,
  sealedBoxOverhead,
  secretBoxOverhead,
  signatureSize,
} from "../backend/port.ts";
import { sha256Now } from "./sha256.ts";

/** The accelerator: libsodium as a Node addon. It writes straight into the arrays given to it. */
export function nativeBackend(sodium: typeof sodiumNative): CryptoBackend {
  return {
    name: "native",
    bulk: "inline",

    randomBytes(size) {
      const bytes = new Uint8Array(size);
      sodium.randombytes_buf(bytes);
      return bytes;
    },

    secretBoxSeal(message, nonce, key) {
      const sealed = uninitialized(message.length + secretBoxOverhead);
      sealed.set(nonce);
      sodium.crypto_secretbox_easy(sealed.subarray(nonceSize), message, nonce, key);
      return sealed;
    },

    secretBoxOpen(sealed, key) {
      const box = sealed.subarray(nonceSize);
      const message = uninitialized(box.length - macSize);
      return sodium.crypto_secretbox_open_easy(message, box, sealed.subarray(0, nonceSize), key) ? message : undefined;
    },

    blake2b(size, data, key) {
      const hash = new Uint8Array(size);
      sodium.crypto_generichash(hash, data, key);
      return hash;
    },

    // The addon takes no personalization, and no 64-bit number for its own key derivation.
    blake2bDerive: (size, key, salt, personalization) =>
      new Uint8Array(blake2b(new Uint8Array(0), { dkLen: size, key, salt, personalization })),

    x25519Base(privateKey) {
      const publicKey = new Uint8Array(32);
      sodium.crypto_scalarmult_base(publicKey, privateKey);
      return publicKey;
    },

    x25519(privateKey, publicKey) {
      const shared = new Uint8Array(32);
      try {
        sodium.crypto_scalarmult(shared, privateKey, publicKey);
      } catch {
        // Sizes are right, so the only failure is an all-zero result.
        return undefined;
      }
      return shared;
    },

    boxSeal(message, publicKey) {
      const sealed = new Uint8Array(message.length + sealedBoxOverhead);
      sodium.crypto_box_seal(sealed, message, publicKey);
      return sealed;
    },

    boxSealOpen(sealed, publicKey, privateKey) {
      const message = new Uint8Array(sealed.length - sealedBoxOverhead);
      return sodium.crypto_box_seal_open(message, sealed, publicKey, privateKey) ? message : undefined;
    },

    signKeypair(seed) {
      const publicKey = new Uint8Array(32);
      const secretKey = new Uint8Array(64);
      sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
      return { publicKey, secretKey };
    },

    signDetached(message, secretKey) {
      const signature = new Uint8Array(signatureSize);
      sodium.crypto_sign_detached(signature, message, secretKey);
      return signature;
    },

    verifyDetached: (signature, message, publicKey) =>
      sodium.crypto_sign_verify_detached(signature, message, publicKey),

    sha256: sha256Now,

    async argon2id({ password, salt, opslimit, memlimitKb, size }) {
      const hash = new Uint8Array(size);
      const algorithm = sodium.crypto_pwhash_ALG_ARGON2ID13;
      await sodium.crypto_pwhash_async(hash, password, salt, opslimit, memlimitKb * 1024, algorithm);
      return hash;
    },
  };
}

/** Memory with whatever was there before, for a result that covers all of it: blocks need not be zeroed first. */
function uninitialized(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
}
