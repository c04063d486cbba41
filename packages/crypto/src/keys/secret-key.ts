import { requireBytes, requireText } from "@parsec/base";
import { backend } from "../backend/current.ts";
import { nonceSize, secretBoxOverhead } from "../backend/port.ts";
import { DecryptionError, KeySizeError, NonceError } from "../errors.ts";
import { decodeRecoveryPassphrase, encodeRecoveryPassphrase } from "../recovery-passphrase.ts";
import { bytesOf, OpaqueBytes } from "./opaque-bytes.ts";

/** Symmetric authenticated encryption, XSalsa20-Poly1305 (spec 01 §3). */
export class SecretKey extends OpaqueBytes {
  /** 32 bytes. */
  static readonly size = 32;

  private constructor(bytes: Uint8Array<ArrayBuffer>) {
    super("SecretKey", bytes);
  }

  /**
   * Copies 32 bytes.
   * @throws KeySizeError
   */
  static fromBytes(bytes: Uint8Array): SecretKey {
    requireBytes("bytes", bytes);
    if (bytes.length !== SecretKey.size) throw new KeySizeError("SecretKey", SecretKey.size, bytes.length);
    return new SecretKey(new Uint8Array(bytes));
  }

  /** @throws CryptoNotReadyError */
  static generate(): SecretKey {
    return new SecretKey(backend().randomBytes(SecretKey.size));
  }

  /**
   * Reads what {@link toRecoveryPassphrase} writes, forgiving case, separators, and `0`/`1` typed for `O`/`I`.
   * @throws KeySizeError when the text does not hold 32 bytes (`got` is 0 when it is not base32 at all)
   */
  static fromRecoveryPassphrase(text: string): SecretKey {
    requireText("text", text);
    const bytes = decodeRecoveryPassphrase(text);
    try {
      return SecretKey.fromBytes(bytes);
    } finally {
      bytes.fill(0);
    }
  }

  /** The key as 13 groups of 4 characters joined by `-`, for a human to write down. */
  toRecoveryPassphrase(): string {
    return encodeRecoveryPassphrase(bytesOf(this));
  }

  /**
   * nonce (24, random) ‖ mac (16) ‖ ciphertext: 40 bytes more than `data`. Runs on this thread: for more than 1 MiB use
   * `sealBlock`.
   * @throws CryptoNotReadyError
   */
  encrypt(data: Uint8Array): Uint8Array<ArrayBuffer> {
    requireBytes("data", data);
    const { randomBytes, secretBoxSeal } = backend();
    return secretBoxSeal(data, randomBytes(nonceSize), bytesOf(this));
  }

  /**
   * Opens what {@link encrypt} gives.
   * @throws NonceError when shorter than a nonce
   * @throws DecryptionError on any other failure
   * @throws CryptoNotReadyError
   */
  decrypt(data: Uint8Array): Uint8Array<ArrayBuffer> {
    checkSealedSize(data);
    const opened = backend().secretBoxOpen(data, bytesOf(this));
    if (opened === undefined) throw new DecryptionError();
    return opened;
  }

  /**
   * 64-byte keyed BLAKE2b of `data`.
   * @throws CryptoNotReadyError
   */
  mac512(data: Uint8Array): Uint8Array<ArrayBuffer> {
    requireBytes("data", data);
    return backend().blake2b(64, data, bytesOf(this));
  }
}

/** The two ways in which encrypted data can be too short to try. */
export function checkSealedSize(data: Uint8Array): void {
  requireBytes("data", data);
  if (data.length < nonceSize) throw new NonceError();
  if (data.length < secretBoxOverhead) throw new DecryptionError();
}
