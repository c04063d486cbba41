// Memory of the wasm heap, in plain JavaScript, because Node starts no TypeScript in a worker: the backend of this
// thread and the workers wipe what they put there by the same code.

/** The wasm heap has no room left, and cannot grow. */
export class WasmMemoryError extends RangeError {}

/** Memory of one call: what it holds is wiped and freed when the call ends, whatever its outcome. */
export class WasmFrame {
  /** @type {import("./wasm-memory.ts").LibsodiumModule} */
  #module;
  /** @type {{ address: number, size: number }[]} */
  #allocations = [];

  /** @param {import("./wasm-memory.ts").LibsodiumModule} module */
  constructor(module) {
    this.#module = module;
  }

  /**
   * Room for `size` bytes.
   * @param {number} size
   * @returns {number}
   * @throws WasmMemoryError
   */
  alloc(size) {
    const address = this.#module._malloc(Math.max(size, 1));
    if (address === 0) throw new WasmMemoryError(`libsodium has no memory left for ${size} bytes`);
    this.#allocations.push({ address, size });
    return address;
  }

  /**
   * The address of a copy of these bytes.
   * @param {Uint8Array} bytes
   * @returns {number}
   */
  put(bytes) {
    const address = this.alloc(bytes.length);
    this.#module.HEAPU8.set(bytes, address);
    return address;
  }

  /**
   * A copy of `size` bytes at that address, outside the heap.
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
 * @template T
 * @param {import("./wasm-memory.ts").LibsodiumModule} module
 * @param {(frame: WasmFrame) => T} call
 * @returns {T}
 */
export function withFrame(module, call) {
  const frame = new WasmFrame(module);
  try {
    return call(frame);
  } finally {
    frame.release();
  }
}
