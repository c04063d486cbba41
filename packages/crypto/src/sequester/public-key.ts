import { requireBytes } from "@parsec/base";
import { DataSizeError, SequesterPublicKeyDerError } from "../errors.ts";
import { bytesOf } from "../keys/opaque-bytes.ts";
import { SecretKey } from "../keys/secret-key.ts";
import { armor, encryptionAlgorithm } from "./armor.ts";
import { rsaEngine } from "./current-engine.ts";
import { publicDerOfPem, RsaPublicKey } from "./rsa-public-key.ts";

/** A modulus shorter than this, in bytes, has no room for OAEP with SHA-256 around a SecretKey. */
const minimumSize = 2 * 32 + 2 + SecretKey.size;

/** Encrypts for a sequester service (spec 01 §11). */
export class SequesterPublicKey extends RsaPublicKey {
  private constructor(der: Uint8Array) {
    super("SequesterPublicKey", der);
  }

  /**
   * Synchronous: the DER is parsed here, whatever the engine.
   * @throws SequesterPublicKeyDerError
   */
  static fromDer(der: Uint8Array): SequesterPublicKey {
    return new SequesterPublicKey(der);
  }

  /** @throws SequesterPublicKeyDerError */
  static fromPem(pem: string): SequesterPublicKey {
    return new SequesterPublicKey(publicDerOfPem(pem));
  }

  /**
   * Armored: algorithm ‖ ":" ‖ wrapped key ‖ data encrypted with that key.
   * @throws DataSizeError when the modulus is below 98 bytes
   * @throws SequesterPublicKeyDerError when the RSA engine does not support the key
   * @throws CryptoNotReadyError
   */
  async encrypt(data: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    requireBytes("data", data);
    if (this.sizeInBytes < minimumSize) throw new DataSizeError("This RSA key is too small to encrypt with OAEP");
    const key = SecretKey.generate();
    const encrypted = key.encrypt(data);
    const wrapped = await this.#wrap(key);
    return armor(encryptionAlgorithm, this.sizeInBytes, { rsaPart: wrapped, data: encrypted });
  }

  async #wrap(key: SecretKey): Promise<Uint8Array> {
    try {
      return await rsaEngine().oaepEncrypt(bytesOf(this), bytesOf(key));
    } catch (cause) {
      throw new SequesterPublicKeyDerError("the RSA engine does not support this key", { cause });
    } finally {
      key.destroy();
    }
  }
}
