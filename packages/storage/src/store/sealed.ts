import { hasCode, ParsecError } from "@parsec/base";
import { openBlock, type SecretKey, sealBlock } from "@parsec/crypto";
import { corruptedValue } from "../errors.ts";

// Encryption at rest: everything with content is under the device's local key (spec 12 §1.1).

/** Bytes that encryption adds: a nonce and a MAC. */
const sealedOverhead = 40;

/** Bytes of the clear content of so many stored ones. */
export function clearSize(storedSize: number): number {
  return Math.max(0, storedSize - sealedOverhead);
}

/**
 * The clear value of a stored blob.
 * @throws StorageError STORAGE_CORRUPTED when the device's key does not open it, or it cannot be decoded
 */
export function openStored<T>(what: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw isDamage(error) ? corruptedValue(what, error) : error;
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
    throw isDamage(error) ? corruptedValue(what, error) : error;
  }
}

/** The value is to blame: not a lack of memory, nor a key that was destroyed meanwhile. */
export function isDamage(error: unknown): boolean {
  return (
    ParsecError.is(error) && !hasCode(error, "CRYPTO_NOT_READY", "CRYPTO_MEMORY", "CRYPTO_WORKER", "KEY_DESTROYED")
  );
}
