/**
 * The port to libsodium (spec 01 §2). Two drivers: wasm and sodium-native.
 *
 * The callers check every size: a driver may assume that keys, nonces, salts and signatures have the right one.
 * Functions that can fail on data answer `undefined` or `false`; they never throw for what a peer may have sent.
 */
export interface CryptoBackend {
  readonly name: "wasm" | "native";
  /** Where bulk work runs: native code is fast enough to stay on the calling thread, wasm goes to workers. */
  readonly bulk: "inline" | "workers";

  /** `size` bytes of the CSPRNG. */
  randomBytes(size: number): Uint8Array<ArrayBuffer>;

  /** nonce (24) ‖ mac (16) ‖ ciphertext. */
  secretBoxSeal(message: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array<ArrayBuffer>;
  /** Takes what `secretBoxSeal` gives, at least 40 bytes; `undefined` when the MAC is wrong. */
  secretBoxOpen(sealed: Uint8Array, key: Uint8Array): Uint8Array<ArrayBuffer> | undefined;

  /** BLAKE2b with an output of `size` bytes (16 to 64), keyed when a key is given. */
  blake2b(size: number, data: Uint8Array, key?: Uint8Array): Uint8Array<ArrayBuffer>;
  /** BLAKE2b of the empty message with a 32-byte key, a 16-byte salt and a 16-byte personalization. */
  blake2bDerive(size: number, key: Uint8Array, salt: Uint8Array, personal: Uint8Array): Uint8Array<ArrayBuffer>;

  /** X25519 with the base point. */
  x25519Base(privateKey: Uint8Array): Uint8Array<ArrayBuffer>;
  /** X25519; `undefined` when the result is all zero (peer key of small order). */
  x25519(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array<ArrayBuffer> | undefined;
  /** Sealed box: ephemeral public key (32) ‖ mac (16) ‖ ciphertext. */
  boxSeal(message: Uint8Array, publicKey: Uint8Array): Uint8Array<ArrayBuffer>;
  /** Takes at least 48 bytes; `undefined` on any failure, an ephemeral key of small order included. */
  boxSealOpen(sealed: Uint8Array, publicKey: Uint8Array, privateKey: Uint8Array): Uint8Array<ArrayBuffer> | undefined;

  /** Ed25519 key pair of a 32-byte seed; `secretKey` is libsodium's 64-byte form. */
  signKeypair(seed: Uint8Array): { publicKey: Uint8Array<ArrayBuffer>; secretKey: Uint8Array<ArrayBuffer> };
  /** 64-byte Ed25519 signature. */
  signDetached(message: Uint8Array, secretKey: Uint8Array): Uint8Array<ArrayBuffer>;
  verifyDetached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean;

  sha256(data: Uint8Array): Uint8Array<ArrayBuffer>;

  /**
   * Argon2id off this thread, where the driver has its own threads; without it a worker does it.
   * Rejects when libsodium refuses the parameters or has not enough memory.
   */
  readonly argon2id?: (input: Argon2idInput) => Promise<Uint8Array<ArrayBuffer>>;
}

export interface Argon2idInput {
  readonly password: Uint8Array;
  /** 16 bytes. */
  readonly salt: Uint8Array;
  readonly opslimit: number;
  /** In KiB. */
  readonly memlimitKb: number;
  /** Bytes of output. */
  readonly size: number;
}

/** Sizes in bytes. */
export const nonceSize = 24;
export const macSize = 16;
export const secretBoxOverhead = nonceSize + macSize;
export const sealedBoxOverhead = 48;
export const signatureSize = 64;
