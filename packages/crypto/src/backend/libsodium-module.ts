/** The compiled libsodium: addresses are numbers, lengths of 64 bits are passed as two halves. */
export interface LibsodiumModule {
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  _malloc(size: number): number;
  _free(address: number): void;
  _crypto_secretbox_easy(
    out: number,
    message: number,
    size: number,
    sizeHigh: number,
    nonce: number,
    key: number,
  ): number;
  _crypto_secretbox_open_easy(
    out: number,
    box: number,
    size: number,
    sizeHigh: number,
    nonce: number,
    key: number,
  ): number;
  _crypto_generichash(
    out: number,
    outSize: number,
    data: number,
    size: number,
    sizeHigh: number,
    key: number,
    keySize: number,
  ): number;
  _crypto_generichash_blake2b_salt_personal(
    out: number,
    outSize: number,
    data: number,
    size: number,
    sizeHigh: number,
    key: number,
    keySize: number,
    salt: number,
    personal: number,
  ): number;
  _crypto_scalarmult_base(out: number, scalar: number): number;
  _crypto_scalarmult(out: number, scalar: number, point: number): number;
  _crypto_box_seal(out: number, message: number, size: number, sizeHigh: number, publicKey: number): number;
  _crypto_box_seal_open(
    out: number,
    box: number,
    size: number,
    sizeHigh: number,
    publicKey: number,
    privateKey: number,
  ): number;
  _crypto_sign_seed_keypair(publicKey: number, secretKey: number, seed: number): number;
  _crypto_sign_detached(
    out: number,
    outSize: number,
    message: number,
    size: number,
    sizeHigh: number,
    secretKey: number,
  ): number;
  _crypto_sign_verify_detached(
    signature: number,
    message: number,
    size: number,
    sizeHigh: number,
    publicKey: number,
  ): number;
  _crypto_hash_sha256(out: number, data: number, size: number, sizeHigh: number): number;
  /** Fails for want of memory, or for parameters that Argon2id does not know. */
  _crypto_pwhash(
    out: number,
    outSize: number,
    outSizeHigh: number,
    password: number,
    passwordSize: number,
    passwordSizeHigh: number,
    salt: number,
    opslimit: number,
    opslimitHigh: number,
    memlimit: number,
    algorithm: number,
  ): number;
}

declare module "libsodium-wrappers-sumo" {
  /** Set once `ready` has resolved; missing from the types of the package. */
  export const libsodium: LibsodiumModule;
}
