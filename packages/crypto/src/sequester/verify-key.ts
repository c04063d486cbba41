import { SequesterPublicKeyDerError, SignatureVerificationError } from "../errors.ts";
import { bytesOf } from "../keys/opaque-bytes.ts";
import { signatureAlgorithm, unarmor } from "./armor.ts";
import { rsaEngine } from "./current-engine.ts";
import { publicDerOfPem, RsaPublicKey } from "./rsa-public-key.ts";

/** Checks what the sequester authority signed (spec 01 §11). */
export class SequesterVerifyKey extends RsaPublicKey {
  private constructor(der: Uint8Array) {
    super("SequesterVerifyKey", der);
  }

  /**
   * Synchronous: the DER is parsed here, whatever the engine.
   * @throws SequesterPublicKeyDerError
   */
  static fromDer(der: Uint8Array): SequesterVerifyKey {
    return new SequesterVerifyKey(der);
  }

  /** @throws SequesterPublicKeyDerError */
  static fromPem(pem: string): SequesterVerifyKey {
    return new SequesterVerifyKey(publicDerOfPem(pem));
  }

  /**
   * The message, once verified, of algorithm ‖ ":" ‖ signature ‖ message. Any salt length is accepted. The message is
   * a view on `armored`.
   * @throws DecryptionError for data without armor
   * @throws AlgorithmError for data of another algorithm
   * @throws DataSizeError for data shorter than a signature
   * @throws SignatureVerificationError
   * @throws SequesterPublicKeyDerError when the RSA engine does not support the key
   */
  async verify(armored: Uint8Array): Promise<Uint8Array> {
    const { rsaPart, data } = unarmor(signatureAlgorithm, this.sizeInBytes, armored);
    if (!(await this.#isSignature(rsaPart, data))) throw new SignatureVerificationError();
    return data;
  }

  async #isSignature(signature: Uint8Array, message: Uint8Array): Promise<boolean> {
    try {
      return await rsaEngine().pssVerify(bytesOf(this), signature, message);
    } catch (cause) {
      throw new SequesterPublicKeyDerError("the RSA engine does not support this key", { cause });
    }
  }
}
