import { requireArgument } from "@parsec/base";
import { DecryptionError, RsaPrivateKeyDerError } from "../errors.ts";
import { bytesOf } from "../keys/opaque-bytes.ts";
import { SecretKey } from "../keys/secret-key.ts";
import { encryptionAlgorithm, unarmor } from "./armor.ts";
import { rsaEngine } from "./current-engine.ts";
import { SequesterPublicKey } from "./public-key.ts";
import { privateDerOfPem, type RsaKeySize, RsaPrivateKey, rsaKeySizes } from "./rsa-private-key.ts";

/** The key of a sequester service: opens what was encrypted for it (spec 01 §11). */
export class SequesterPrivateKey extends RsaPrivateKey {
  private constructor(der: Uint8Array) {
    super("SequesterPrivateKey", der);
  }

  /** @throws RsaPrivateKeyDerError */
  static fromDer(der: Uint8Array): SequesterPrivateKey {
    return new SequesterPrivateKey(der);
  }

  /** @throws RsaPrivateKeyDerError */
  static fromPem(pem: string): SequesterPrivateKey {
    return new SequesterPrivateKey(privateDerOfPem(pem));
  }

  /** @throws InvalidArgumentError */
  static async generate(bits: RsaKeySize): Promise<SequesterPrivateKey> {
    requireArgument("bits", bits, "1024, 2048, 3072 or 4096", rsaKeySizes.includes(bits));
    const der = await rsaEngine().generate(bits);
    try {
      return new SequesterPrivateKey(der);
    } finally {
      der.fill(0);
    }
  }

  get publicKey(): SequesterPublicKey {
    return SequesterPublicKey.fromDer(this.publicDer());
  }

  /**
   * Opens what `SequesterPublicKey.encrypt` gives.
   * @throws DecryptionError for another key, altered data, or data without armor
   * @throws AlgorithmError for data of another algorithm
   * @throws DataSizeError for data shorter than its wrapped key
   * @throws KeySizeError when the wrapped key is not 32 bytes
   * @throws NonceError when what follows the wrapped key is shorter than a nonce
   * @throws RsaPrivateKeyDerError when the RSA engine does not support the key
   * @throws CryptoNotReadyError
   */
  async decrypt(armored: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    const { rsaPart, data } = unarmor(encryptionAlgorithm, this.sizeInBytes, armored);
    const unwrapped = await this.#unwrap(rsaPart);
    if (unwrapped === undefined) throw new DecryptionError();
    try {
      return SecretKey.fromBytes(unwrapped).decrypt(data);
    } finally {
      unwrapped.fill(0);
    }
  }

  async #unwrap(wrapped: Uint8Array): Promise<Uint8Array | undefined> {
    const der = bytesOf(this);
    try {
      return await rsaEngine().oaepDecrypt(der, wrapped);
    } catch (cause) {
      throw new RsaPrivateKeyDerError("the RSA engine does not support this key", { cause });
    }
  }
}
