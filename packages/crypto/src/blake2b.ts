import { requireBytes } from "@parsec/base";
import { backend } from "./backend/current.ts";
import { DataSizeError } from "./errors.ts";

/**
 * BLAKE2b of `data` with an output of `size` bytes (16 to 64), keyed with `key` (16 to 64 bytes) when there is one.
 * @throws DataSizeError
 * @throws CryptoNotReadyError
 */
export function blake2b(size: number, data: Uint8Array, key?: Uint8Array): Uint8Array<ArrayBuffer> {
  requireBytes("data", data);
  if (key !== undefined) requireBytes("key", key);
  if (!Number.isInteger(size) || size < 16 || size > 64) {
    throw new DataSizeError("The output of BLAKE2b is 16 to 64 bytes");
  }
  if (key !== undefined && (key.length < 16 || key.length > 64)) {
    throw new DataSizeError("The key of BLAKE2b is 16 to 64 bytes");
  }
  return backend().blake2b(size, data, key);
}
