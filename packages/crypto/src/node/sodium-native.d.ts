/** The functions in use; the published types want Node's Buffer everywhere. */
declare module "sodium-native" {
  interface SodiumNative {
    readonly crypto_pwhash_ALG_ARGON2ID13: number;
    randombytes_buf(out: Uint8Array): void;
    sodium_memzero(bytes: Uint8Array): void;
    crypto_secretbox_easy(out: Uint8Array, message: Uint8Array, nonce: Uint8Array, key: Uint8Array): void;
    crypto_secretbox_open_easy(out: Uint8Array, box: Uint8Array, nonce: Uint8Array, key: Uint8Array): boolean;
    crypto_generichash(out: Uint8Array, data: Uint8Array, key?: Uint8Array): void;
    crypto_scalarmult_base(out: Uint8Array, scalar: Uint8Array): void;
    /** Throws when the result is all zero. */
    crypto_scalarmult(out: Uint8Array, scalar: Uint8Array, point: Uint8Array): void;
    crypto_box_seal(out: Uint8Array, message: Uint8Array, publicKey: Uint8Array): void;
    crypto_box_seal_open(out: Uint8Array, box: Uint8Array, publicKey: Uint8Array, privateKey: Uint8Array): boolean;
    crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void;
    crypto_sign_detached(out: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void;
    crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;
    crypto_pwhash_async(
      out: Uint8Array,
      password: Uint8Array,
      salt: Uint8Array,
      opslimit: number,
      memlimit: number,
      algorithm: number,
    ): Promise<void>;
  }
  const sodium: SodiumNative;
  export default sodium;
}
