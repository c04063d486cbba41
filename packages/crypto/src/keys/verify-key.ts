import { requireBytes } from "@parsec/base";
import { backend } from "../backend/current.ts";
import { signatureSize } from "../backend/port.ts";
import { DataSizeError, SignatureVerificationError } from "../errors.ts";
import { bytesOf, OpaqueBytes } from "./opaque-bytes.ts";
import { splitSigned } from "./signed.ts";

/** Ed25519 public key (spec 01 §6). */
export class VerifyKey extends OpaqueBytes {
  /** 32 bytes. */
  static readonly size = 32;

  private constructor(bytes: Uint8Array<ArrayBuffer>) {
    super("VerifyKey", bytes);
  }

  /**
   * Copies 32 bytes. Bytes that are no point of the curve load too, and verify nothing.
   * @throws DataSizeError
   */
  static fromBytes(bytes: Uint8Array): VerifyKey {
    requireBytes("bytes", bytes);
    if (bytes.length !== VerifyKey.size) {
      throw new DataSizeError(`VerifyKey needs ${VerifyKey.size} bytes, got ${bytes.length}`);
    }
    return new VerifyKey(new Uint8Array(bytes));
  }

  /**
   * The message of signature (64) ‖ message, once verified. It is a view on `signed`.
   * @throws SignatureError when shorter than a signature
   * @throws SignatureVerificationError
   * @throws CryptoNotReadyError
   */
  verify(signed: Uint8Array): Uint8Array {
    const { signature, message } = splitSigned(signed);
    this.verifyDetached(signature, message);
    return message;
  }

  /**
   * Returns when `signature` is one of this key over `message`.
   * @throws SignatureVerificationError also for a signature that is not 64 bytes
   * @throws CryptoNotReadyError
   */
  verifyDetached(signature: Uint8Array, message: Uint8Array): void {
    requireBytes("signature", signature);
    requireBytes("message", message);
    const { verifyDetached } = backend();
    const verified = signature.length === signatureSize && verifyDetached(signature, message, bytesOf(this));
    if (!verified) throw new SignatureVerificationError();
  }
}
