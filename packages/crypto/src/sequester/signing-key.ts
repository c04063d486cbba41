import { requireArgument, requireBytes } from "@parsec/base";
import { signPkcs1v15Unprefixed as platformSign } from "#platform";
import { DataSizeError, RsaPrivateKeyDerError, SignatureError } from "../errors.ts";
import { bytesOf } from "../keys/opaque-bytes.ts";
import { armor, signatureAlgorithm } from "./armor.ts";
import { rsaEngine } from "./current-engine.ts";
import { maxSaltLength } from "./pss-salt.ts";
import { parsePkcs8 } from "./rsa-key.ts";
import { privateDerOfPem, type RsaKeySize, RsaPrivateKey, rsaKeySizes } from "./rsa-private-key.ts";
import { SequesterVerifyKey } from "./verify-key.ts";

/** The key of the sequester authority, which signs the certificates of services (spec 01 §11). */
export class SequesterSigningKey extends RsaPrivateKey {
  private constructor(der: Uint8Array) {
    super("SequesterSigningKey", der);
  }

  /** @throws RsaPrivateKeyDerError */
  static fromDer(der: Uint8Array): SequesterSigningKey {
    return new SequesterSigningKey(der);
  }

  /** @throws RsaPrivateKeyDerError */
  static fromPem(pem: string): SequesterSigningKey {
    return new SequesterSigningKey(privateDerOfPem(pem));
  }

  /** @throws InvalidArgumentError */
  static async generate(bits: RsaKeySize): Promise<SequesterSigningKey> {
    requireArgument("bits", bits, "1024, 2048, 3072 or 4096", rsaKeySizes.includes(bits));
    const der = await rsaEngine().generate(bits);
    try {
      return new SequesterSigningKey(der);
    } finally {
      der.fill(0);
    }
  }

  get verifyKey(): SequesterVerifyKey {
    return SequesterVerifyKey.fromDer(this.publicDer());
  }

  /**
   * Armored: algorithm ‖ ":" ‖ signature, with the longest salt ‖ message.
   * @throws DataSizeError when the modulus is too small for PSS
   * @throws RsaPrivateKeyDerError when the RSA engine does not support the key
   */
  async sign(message: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    requireBytes("message", message);
    const saltLength = maxSaltLength(parsePkcs8(bytesOf(this)).modulus);
    if (saltLength < 0) throw new DataSizeError("This RSA key is too small to sign with PSS");
    const signature = await this.#signPss(message, saltLength);
    return armor(signatureAlgorithm, this.sizeInBytes, { rsaPart: signature, data: message });
  }

  async #signPss(message: Uint8Array, saltLength: number): Promise<Uint8Array> {
    const der = bytesOf(this);
    try {
      return await rsaEngine().pssSign(der, message, saltLength);
    } catch (cause) {
      throw new RsaPrivateKeyDerError("the RSA engine does not support this key", { cause });
    }
  }
}

/**
 * Raw RSA signature for the challenge of the smart card web service: PKCS#1 v1.5 padding around `data` itself, without
 * DigestInfo (spec 01 §11). Node only: WebCrypto has no such operation.
 * @throws SignatureError when `data` does not fit in the modulus, and in browsers
 */
export async function signPkcs1v15Unprefixed(
  key: SequesterSigningKey,
  data: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  requireBytes("data", data);
  const der = bytesOf(key);
  try {
    return await platformSign(der, data);
  } catch (cause) {
    throw new SignatureError("This raw RSA signature can't be made: the data is too long, or this is not Node", {
      cause,
    });
  }
}
