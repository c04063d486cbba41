import { requireBytes, toHex } from "@parsec/base";
import { backend } from "../backend/current.ts";
import { DataSizeError } from "../errors.ts";
import { bytesOf, OpaqueBytes } from "./opaque-bytes.ts";

/** SHA-256 of some data. Not a secret: it prints as hex (spec 01 §7). */
export class HashDigest extends OpaqueBytes {
  /** 32 bytes. */
  static readonly size = 32;

  private constructor(bytes: Uint8Array<ArrayBuffer>) {
    super("HashDigest", bytes);
  }

  /**
   * Copies 32 bytes.
   * @throws DataSizeError
   */
  static fromBytes(bytes: Uint8Array): HashDigest {
    requireBytes("bytes", bytes);
    if (bytes.length !== HashDigest.size) {
      throw new DataSizeError(`HashDigest needs ${HashDigest.size} bytes, got ${bytes.length}`);
    }
    return new HashDigest(new Uint8Array(bytes));
  }

  /**
   * The digest of `data`, on this thread: for more than 1 MiB use `sha256`.
   * @throws CryptoNotReadyError
   */
  static of(data: Uint8Array): HashDigest {
    requireBytes("data", data);
    return new HashDigest(backend().sha256(data));
  }

  /** Lower-case hex, 64 digits. */
  get hex(): string {
    return toHex(bytesOf(this));
  }

  /** Does nothing: there is no secret to wipe. */
  override destroy(): void {}

  override toString(): string {
    return `HashDigest(${this.hex})`;
  }
}
