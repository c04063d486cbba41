import { createHash } from "node:crypto";
import sodium from "sodium-native";
import type { RawCrypto } from "./crypto-measures.ts";

/** The addon, as its documentation shows it. */
export const nativeCrypto: RawCrypto = {
  seal(data, key) {
    const sealed = Buffer.allocUnsafe(24 + 16 + data.length);
    const nonce = sealed.subarray(0, 24);
    sodium.randombytes_buf(nonce);
    sodium.crypto_secretbox_easy(sealed.subarray(24), data, nonce, key);
    return sealed;
  },
  open(sealed, key) {
    const data = Buffer.allocUnsafe(sealed.length - 40);
    sodium.crypto_secretbox_open_easy(data, sealed.subarray(24), sealed.subarray(0, 24), key);
    return data;
  },
  sign(data, secretKey) {
    const signature = Buffer.allocUnsafe(64);
    sodium.crypto_sign_detached(signature, data, secretKey);
    return signature;
  },
  verify: (signature, data, verifyKey) => sodium.crypto_sign_verify_detached(signature, data, verifyKey),
  signKey(seed) {
    const secretKey = Buffer.allocUnsafe(64);
    sodium.crypto_sign_seed_keypair(Buffer.allocUnsafe(32), secretKey, seed);
    return secretKey;
  },
  sha256: (data) => createHash("sha256").update(data).digest(),
  argon2id: (password, salt, opslimit, memlimit) =>
    sodium.crypto_pwhash_async(
      Buffer.alloc(32),
      Buffer.from(password),
      salt,
      opslimit,
      memlimit,
      sodium.crypto_pwhash_ALG_ARGON2ID13,
    ),
};
