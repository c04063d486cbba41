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
}

/** Memory of one call: what it holds is wiped and freed when the call ends, whatever its outcome. */
export class WasmFrame {
  readonly #module: LibsodiumModule;
  readonly #allocations: { address: number; size: number }[] = [];

  constructor(module: LibsodiumModule) {
    this.#module = module;
  }

  /** Room for `size` bytes. */
  alloc(size: number): number {
    const address = this.#module._malloc(Math.max(size, 1));
    if (address === 0) throw new RangeError(`libsodium has no memory left for ${size} bytes`);
    this.#allocations.push({ address, size });
    return address;
  }

  /** The address of a copy of these bytes. */
  put(bytes: Uint8Array): number {
    const address = this.alloc(bytes.length);
    this.#module.HEAPU8.set(bytes, address);
    return address;
  }

  /** A copy of `size` bytes at that address, outside the heap. */
  take(address: number, size: number): Uint8Array<ArrayBuffer> {
    return this.#module.HEAPU8.slice(address, address + size);
  }

  release(): void {
    for (const { address, size } of this.#allocations) {
      this.#module.HEAPU8.fill(0, address, address + size);
      this.#module._free(address);
    }
  }
}

/** Runs one call in its own frame. */
export function withFrame<T>(module: LibsodiumModule, call: (frame: WasmFrame) => T): T {
  const frame = new WasmFrame(module);
  try {
    return call(frame);
  } finally {
    frame.release();
  }
}
