import { requireBytes } from "@parsec/base";
import { RsaPrivateKeyDerError } from "../errors.ts";
import { bytesOf, OpaqueBytes } from "../keys/opaque-bytes.ts";
import { DerSyntaxError } from "./der.ts";
import { decodePem, encodePem } from "./pem.ts";
import { encodePkcs8, encodeSpki, parsePkcs8 } from "./rsa-key.ts";

/** Sizes that keys are generated with, in bits. */
export type RsaKeySize = 1024 | 2048 | 3072 | 4096;

export const rsaKeySizes: readonly RsaKeySize[] = [1024, 2048, 3072, 4096];

/** What both RSA private keys of the sequester are: a PKCS#8 key that never prints (spec 01 §11). */
export abstract class RsaPrivateKey extends OpaqueBytes {
  /** Of the modulus, in bytes. */
  readonly sizeInBytes: number;

  /** @throws RsaPrivateKeyDerError */
  protected constructor(typeName: string, der: Uint8Array) {
    requireBytes("der", der);
    const numbers = parse(der);
    super(typeName, encodePkcs8(numbers));
    this.sizeInBytes = numbers.modulus.length;
  }

  /** PKCS#8 DER, the caller's to wipe. */
  toDer(): Uint8Array<ArrayBuffer> {
    return this.toBytes();
  }

  /** PKCS#8 PEM. */
  toPem(): string {
    return encodePem("PRIVATE KEY", bytesOf(this));
  }

  /** SubjectPublicKeyInfo DER of the public half. */
  protected publicDer(): Uint8Array<ArrayBuffer> {
    return encodeSpki(parsePkcs8(bytesOf(this)));
  }
}

/** @throws RsaPrivateKeyDerError */
export function privateDerOfPem(text: string): Uint8Array<ArrayBuffer> {
  const der = decodePem("PRIVATE KEY", text);
  if (der === undefined) throw new RsaPrivateKeyDerError("this is no PEM of a PRIVATE KEY");
  return der;
}

function parse(der: Uint8Array) {
  try {
    return parsePkcs8(der);
  } catch (error) {
    if (error instanceof DerSyntaxError) throw new RsaPrivateKeyDerError(error.message);
    throw error;
  }
}
