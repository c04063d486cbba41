import type { X509CertificateReference } from "@parsec/types";

/** Where smart cards are: the PKCS#11 library of their maker, or a software token's. */
export interface TokenOptions {
  /** Path of the shared library. */
  readonly library: string;
}

export interface OpenTokenKeyOptions extends TokenOptions {
  readonly reference: X509CertificateReference;
  /** Of the token's user. */
  readonly pin: string;
}
