import { requireBytes } from "@parsec/base";
import { backend } from "../backend/current.ts";
import { DataSizeError } from "../errors.ts";
import { bytesOf, OpaqueBytes } from "./opaque-bytes.ts";

/** X25519 public key: encrypts for the owner of the private key (spec 01 §5). */
export class PublicKey extends OpaqueBytes {
  /** 32 bytes. */
  static readonly size = 32;

  private constructor(bytes: Uint8Array<ArrayBuffer>) {
    super("PublicKey", bytes);
  }

  /**
   * Copies 32 bytes.
   * @throws DataSizeError
   */
  static fromBytes(bytes: Uint8Array): PublicKey {
    requireBytes("bytes", bytes);
    if (bytes.length !== PublicKey.size) {
      throw new DataSizeError(`PublicKey needs ${PublicKey.size} bytes, got ${bytes.length}`);
    }
    return new PublicKey(new Uint8Array(bytes));
  }

  /**
   * Sealed box: ephemeral public key (32) ‖ mac (16) ‖ ciphertext, 48 bytes more than `data`.
   * @throws CryptoNotReadyError
   */
  seal(data: Uint8Array): Uint8Array<ArrayBuffer> {
    requireBytes("data", data);
    return backend().boxSeal(data, bytesOf(this));
  }
}
