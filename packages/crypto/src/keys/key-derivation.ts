import { requireBytes, toHex } from "@parsec/base";
import { backend } from "../backend/current.ts";
import { KeySizeError } from "../errors.ts";
import { uuidBytes } from "../uuid.ts";
import { bytesOf, OpaqueBytes } from "./opaque-bytes.ts";
import { SecretKey } from "./secret-key.ts";

/** A key that gives other keys, one for each UUID (spec 01 §4). */
export class KeyDerivation extends OpaqueBytes {
  /** 32 bytes. */
  static readonly size = 32;

  private constructor(bytes: Uint8Array<ArrayBuffer>) {
    super("KeyDerivation", bytes);
  }

  /**
   * Copies 32 bytes.
   * @throws KeySizeError
   */
  static fromBytes(bytes: Uint8Array): KeyDerivation {
    requireBytes("bytes", bytes);
    if (bytes.length !== KeyDerivation.size) throw new KeySizeError("KeyDerivation", KeyDerivation.size, bytes.length);
    return new KeyDerivation(new Uint8Array(bytes));
  }

  /** @throws CryptoNotReadyError */
  static generate(): KeyDerivation {
    return new KeyDerivation(backend().randomBytes(KeyDerivation.size));
  }

  /**
   * @param uuid 32 hex digits, with or without hyphens
   * @throws UuidError
   * @throws CryptoNotReadyError
   */
  deriveSecretKey(uuid: string): SecretKey {
    const derived = this.#derive(uuid, SecretKey.size);
    try {
      return SecretKey.fromBytes(derived);
    } finally {
      derived.fill(0);
    }
  }

  /**
   * 16 derived bytes taken as a UUID: 32 lower-case hex digits. Version and variant bits are not set, as the reference
   * does not set them.
   * @param uuid 32 hex digits, with or without hyphens
   * @throws UuidError
   * @throws CryptoNotReadyError
   */
  deriveUuid(uuid: string): string {
    return toHex(this.#derive(uuid, 16));
  }

  #derive(uuid: string, size: number): Uint8Array<ArrayBuffer> {
    const context = uuidBytes(uuid);
    const salt = new Uint8Array(16);
    const personal = new Uint8Array(16);
    salt.set(context.subarray(0, 8));
    personal.set(context.subarray(8));
    return backend().blake2bDerive(size, bytesOf(this), salt, personal);
  }
}
