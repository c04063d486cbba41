import { concatBytes, requireBytes } from "@parsec/base";
import { backend } from "../backend/current.ts";
import { DataSizeError } from "../errors.ts";
import { bytesOf, OpaqueBytes } from "./opaque-bytes.ts";
import { VerifyKey } from "./verify-key.ts";

interface Expanded {
  readonly verifyKey: VerifyKey;
  /** libsodium's 64-byte form: seed ‖ public key. */
  readonly secretKey: Uint8Array<ArrayBuffer>;
}

/** Ed25519 private key; its bytes are the 32-byte seed (spec 01 §6). */
export class SigningKey extends OpaqueBytes {
  /** 32 bytes. */
  static readonly size = 32;
  #expanded: Expanded | undefined;

  private constructor(bytes: Uint8Array<ArrayBuffer>) {
    super("SigningKey", bytes);
  }

  /**
   * Copies a 32-byte seed.
   * @throws DataSizeError
   */
  static fromBytes(bytes: Uint8Array): SigningKey {
    requireBytes("bytes", bytes);
    if (bytes.length !== SigningKey.size) {
      throw new DataSizeError(`SigningKey needs ${SigningKey.size} bytes, got ${bytes.length}`);
    }
    return new SigningKey(new Uint8Array(bytes));
  }

  /** @throws CryptoNotReadyError */
  static generate(): SigningKey {
    return new SigningKey(backend().randomBytes(SigningKey.size));
  }

  /** @throws CryptoNotReadyError */
  get verifyKey(): VerifyKey {
    return this.#expand().verifyKey;
  }

  /**
   * signature (64) ‖ `data`.
   * @throws CryptoNotReadyError
   */
  sign(data: Uint8Array): Uint8Array<ArrayBuffer> {
    return concatBytes(this.signDetached(data), data);
  }

  /**
   * The 64-byte signature alone.
   * @throws CryptoNotReadyError
   */
  signDetached(data: Uint8Array): Uint8Array<ArrayBuffer> {
    requireBytes("data", data);
    return backend().signDetached(data, this.#expand().secretKey);
  }

  override destroy(): void {
    this.#expanded?.secretKey.fill(0);
    this.#expanded = undefined;
    super.destroy();
  }

  #expand(): Expanded {
    const seed = bytesOf(this);
    if (this.#expanded === undefined) {
      const { publicKey, secretKey } = backend().signKeypair(seed);
      this.#expanded = { verifyKey: VerifyKey.fromBytes(publicKey), secretKey };
    }
    return this.#expanded;
  }
}
