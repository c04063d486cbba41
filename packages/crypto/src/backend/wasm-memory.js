// Plain JavaScript, since the workers of Node start no TypeScript: they use the same memory with the same care.

/** @typedef {import("./libsodium-module.ts").LibsodiumModule} LibsodiumModule */

/** There is not enough memory. Internal: callers turn it into an error or an answer of their own. */
export class NoMemory extends Error {}

/** Memory of one call: what it holds is wiped and freed when the call ends, whatever its outcome. */
export class WasmFrame {
  /** @type {LibsodiumModule} */
  #module;
  /** @type {{ address: number, size: number }[]} */
  #allocations = [];

  /** @param {LibsodiumModule} module */
  constructor(module) {
    this.#module = module;
  }

  /**
   * Room for `size` bytes.
   *
   * @param {number} size
   * @returns {number} its address
   */
  alloc(size) {
    const address = this.#module._malloc(Math.max(size, 1));
    if (address === 0) throw new NoMemory(`${size} bytes`);
    this.#allocations.push({ address, size });
    return address;
  }

  /**
   * The address of a copy of these bytes.
   *
   * @param {Uint8Array} bytes
   */
  put(bytes) {
    const address = this.alloc(bytes.length);
    this.#module.HEAPU8.set(bytes, address);
    return address;
  }

  /**
   * A copy of `size` bytes at that address, outside the heap.
   *
   * @param {number} address
   * @param {number} size
   * @returns {Uint8Array<ArrayBuffer>}
   */
  take(address, size) {
    return this.#module.HEAPU8.slice(address, address + size);
  }

  release() {
    for (const { address, size } of this.#allocations) {
      this.#module.HEAPU8.fill(0, address, address + size);
      this.#module._free(address);
    }
  }
}

/**
 * Runs one call in its own frame.
 *
 * @template T
 * @param {LibsodiumModule} module
 * @param {(frame: WasmFrame) => T} call
 * @returns {T}
 * @throws NoMemory
 */
export function inFrame(module, call) {
  const frame = new WasmFrame(module);
  try {
    return call(frame);
  } catch (error) {
    // Of the engine, when it has no room for a copy.
    if (error instanceof RangeError) throw new NoMemory(error.message, { cause: error });
    throw error;
  } finally {
    frame.release();
  }
}

const nonceSize = 24;
const macSize = 16;

/**
 * nonce ‖ mac ‖ ciphertext; libsodium refuses nothing here.
 *
 * @param {LibsodiumModule} sodium
 * @param {Uint8Array} message
 * @param {Uint8Array} nonce
 * @param {Uint8Array} key
 */
export function sealIn(sodium, message, nonce, key) {
  return inFrame(sodium, (frame) => {
    const size = nonceSize + macSize + message.length;
    const out = frame.alloc(size);
    sodium.HEAPU8.set(nonce, out);
    const source = frame.put(message);
    const status = sodium._crypto_secretbox_easy(out + nonceSize, source, message.length, 0, out, frame.put(key));
    if (status !== 0) throw new Error("libsodium refused checked input");
    return frame.take(out, size);
  });
}

/**
 * What {@link sealIn} gave, opened; `undefined` when the MAC is wrong.
 *
 * @param {LibsodiumModule} sodium
 * @param {Uint8Array} sealed at least 40 bytes
 * @param {Uint8Array} key
 */
export function openIn(sodium, sealed, key) {
  return inFrame(sodium, (frame) => {
    const source = frame.put(sealed);
    const boxSize = sealed.length - nonceSize;
    const out = frame.alloc(boxSize - macSize);
    const failed = sodium._crypto_secretbox_open_easy(out, source + nonceSize, boxSize, 0, source, frame.put(key));
    return failed === 0 ? frame.take(out, boxSize - macSize) : undefined;
  });
}
