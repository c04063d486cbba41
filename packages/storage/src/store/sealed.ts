import { openBlock, type SecretKey, sealBlock } from "@parsec/crypto";
import { corruptedValue } from "../errors.ts";

// Encryption at rest: everything with content is under the device's local key (spec 12 §1.1).

/**
 * The clear value of a stored blob.
 * @throws StorageError STORAGE_CORRUPTED when the device's key does not open it, or it cannot be decoded
 */
export function openStored<T>(what: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw corruptedValue(what, error);
  }
}

/** Seals content of up to a block, off this thread where that pays. */
export function sealContent(key: SecretKey, data: Uint8Array): Promise<Uint8Array> {
  return sealBlock(key, data);
}

/**
 * Opens {@link sealContent}.
 * @throws StorageError STORAGE_CORRUPTED
 */
export async function openContent(what: string, key: SecretKey, stored: Uint8Array): Promise<Uint8Array> {
  try {
    return await openBlock(key, stored);
  } catch (error) {
    throw corruptedValue(what, error);
  }
}
