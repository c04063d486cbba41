import sodium from "libsodium-wrappers-sumo";
import type { RawCrypto } from "./crypto-measures.ts";

/** The wrappers of libsodium, as their documentation shows them. */
export async function wasmCrypto(): Promise<RawCrypto> {
  await sodium.ready;
  const nonceSize = sodium.crypto_secretbox_NONCEBYTES;
  return {
    seal(data, key) {
      const nonce = sodium.randombytes_buf(nonceSize);
      const box = sodium.crypto_secretbox_easy(data, nonce, key);
      const sealed = new Uint8Array(nonceSize + box.length);
      sealed.set(nonce);
      sealed.set(box, nonceSize);
      return sealed;
    },
    open: (sealed, key) =>
      sodium.crypto_secretbox_open_easy(sealed.subarray(nonceSize), sealed.subarray(0, nonceSize), key),
    sign: (data, secretKey) => sodium.crypto_sign_detached(data, secretKey),
    verify: (signature, data, verifyKey) => sodium.crypto_sign_verify_detached(signature, data, verifyKey),
    signKey: (seed) => sodium.crypto_sign_seed_keypair(seed).privateKey,
    sha256: (data) => crypto.subtle.digest("SHA-256", data),
    argon2id: (password, salt, opslimit, memlimit) =>
      sodium.crypto_pwhash(32, password, salt, opslimit, memlimit, sodium.crypto_pwhash_ALG_ARGON2ID13),
  };
}
