import type { X509CertificateReference } from "@parsec/types";

/** A certificate and its RSA private key, wherever they are: on a token, in a file. Methods reject with a `PkiError`. */
export interface X509Key {
  /** DER. */
  readonly certificate: Uint8Array;
  readonly reference: X509CertificateReference;
  /** RSAES-OAEP with SHA-256 and an empty label (spec 06 §13.1). */
  decrypt(ciphertext: Uint8Array): Promise<Uint8Array>;
  /** RSASSA-PSS with SHA-256 and a salt of 32 bytes. */
  sign(payload: Uint8Array): Promise<Uint8Array>;
  /** Ends the session with the token. Idempotent. */
  close(): Promise<void>;
}
