import { requireBytes } from "@parsec/base";
import { KeySizeError } from "../errors.ts";
import { OpaqueBytes } from "../keys/opaque-bytes.ts";

/** One share of a secret: its number `x`, then one byte per byte of the secret (spec 01 §12). */
export class ShamirShare extends OpaqueBytes {
  /** The least number of bytes. */
  static readonly minimumSize = 2;

  private constructor(bytes: Uint8Array<ArrayBuffer>) {
    super("ShamirShare", bytes);
  }

  /**
   * Copies at least 2 bytes.
   * @throws KeySizeError
   */
  static fromBytes(bytes: Uint8Array): ShamirShare {
    requireBytes("bytes", bytes);
    if (bytes.length < ShamirShare.minimumSize) {
      throw new KeySizeError("ShamirShare", ShamirShare.minimumSize, bytes.length);
    }
    return new ShamirShare(new Uint8Array(bytes));
  }
}
