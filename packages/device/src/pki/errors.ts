import { ParsecError } from "@parsec/base";

/**
 * - `INVALID_CERTIFICATE`: no X.509 certificate in DER, or one whose key is not RSA; see `reason`.
 * - `CERTIFICATE_NOT_FOUND`, `PRIVATE_KEY_NOT_FOUND`: the token or file does not hold it.
 * - `BAD_SECRET`: wrong PIN, or wrong password of the file.
 * - `INVALID_KEY_FILE`: the file is damaged, or of a form that is not read here.
 * - `TOKEN_UNAVAILABLE`: no such token, or it was taken out.
 * - `PRIVATE_KEY_FAILED`: the key could not do what was asked: this is not a ciphertext for it, or it may not decrypt.
 * - `NATIVE_MODULE_MISSING`: smart cards need the package `graphene-pk11`.
 * - `SERVICE_UNTRUSTED`: the smart card service of this machine, or this web application, is not proved to be genuine.
 * - `UNTRUSTED_CERTIFICATE`: no valid chain to a trusted root; see the message.
 */
export type PkiErrorCode =
  | "INVALID_CERTIFICATE"
  | "CERTIFICATE_NOT_FOUND"
  | "PRIVATE_KEY_NOT_FOUND"
  | "BAD_SECRET"
  | "INVALID_KEY_FILE"
  | "TOKEN_UNAVAILABLE"
  | "PRIVATE_KEY_FAILED"
  | "NATIVE_MODULE_MISSING"
  | "SERVICE_UNTRUSTED"
  | "UNTRUSTED_CERTIFICATE";

/** See {@link PkiErrorCode}. */
export class PkiError extends ParsecError<PkiErrorCode> {
  override readonly name: string = "PkiError";
}

/** Why a certificate is of no use (spec 06 §13.3). */
export type InvalidCertificateReason = "INVALID_DER" | "NO_COMMON_NAME" | "INVALID_TIME" | "INVALID_EMAIL" | "NOT_RSA";

export class InvalidX509CertificateError extends PkiError {
  override readonly name: string = "InvalidX509CertificateError";
  readonly reason: InvalidCertificateReason;

  constructor(reason: InvalidCertificateReason, cause?: unknown) {
    super("INVALID_CERTIFICATE", `The X.509 certificate cannot be used (${reason})`, { cause });
    this.reason = reason;
  }
}
