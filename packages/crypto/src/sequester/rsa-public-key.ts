import { requireBytes } from "@parsec/base";
import { SequesterPublicKeyDerError } from "../errors.ts";
import { bytesOf, OpaqueBytes } from "../keys/opaque-bytes.ts";
import { DerSyntaxError } from "./der.ts";
import { decodePem, encodePem } from "./pem.ts";
import { encodeSpki, parseSpki } from "./rsa-key.ts";

/** What both RSA public keys of the sequester are: a SubjectPublicKeyInfo, checked when loaded (spec 01 §11). */
export abstract class RsaPublicKey extends OpaqueBytes {
  /** Of the modulus, in bytes. */
  readonly sizeInBytes: number;

  /** @throws SequesterPublicKeyDerError */
  protected constructor(typeName: string, der: Uint8Array) {
    requireBytes("der", der);
    const numbers = parse(der);
    super(typeName, encodeSpki(numbers));
    this.sizeInBytes = numbers.modulus.length;
  }

  /** SubjectPublicKeyInfo DER. */
  toDer(): Uint8Array<ArrayBuffer> {
    return this.toBytes();
  }

  /** SubjectPublicKeyInfo PEM. */
  toPem(): string {
    return encodePem("PUBLIC KEY", bytesOf(this));
  }
}

/** @throws SequesterPublicKeyDerError */
export function publicDerOfPem(text: string): Uint8Array<ArrayBuffer> {
  const der = decodePem("PUBLIC KEY", text);
  if (der === undefined) throw new SequesterPublicKeyDerError("this is no PEM of a PUBLIC KEY");
  return der;
}

function parse(der: Uint8Array) {
  try {
    return parseSpki(der);
  } catch (error) {
    if (error instanceof DerSyntaxError) throw new SequesterPublicKeyDerError(error.message);
    throw error;
  }
}
