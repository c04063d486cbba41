import { utf8 } from "@parsec/base";
import type { X509CertificateReference } from "@parsec/types";
import {
  type X509CertificateDetails,
  x509CertificateDetails,
  x509CertificateReference,
  x509Names,
} from "./certificate.ts";
import { type InvalidCertificateReason, InvalidX509CertificateError } from "./errors.ts";

/**
 * A certificate found on a token: with what it says, or with the reason why it is of no use, for a window that shows
 * both. Nothing is verified: see `verifyCertificateChain`.
 */
export type TokenCertificate = {
  readonly reference: X509CertificateReference;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly tokenLabel: string;
  /** Its name on the token; may be empty. */
  readonly label: string;
} & (
  | { readonly details: X509CertificateDetails; readonly unusable?: undefined }
  | { readonly details?: undefined; readonly unusable: InvalidCertificateReason }
);

/** Where it was found. */
export interface FoundCertificate {
  readonly certificate: Uint8Array;
  readonly id: Uint8Array;
  readonly label: string;
  readonly tokenLabel: string;
}

export async function listedCertificate(found: FoundCertificate): Promise<TokenCertificate> {
  const { certificate, id, label, tokenLabel } = found;
  const common = { certificate, tokenLabel, label, reference: await referenceOf(certificate, id, label) };
  try {
    return { ...common, details: await x509CertificateDetails(certificate) };
  } catch (error) {
    if (!(error instanceof InvalidX509CertificateError)) throw error;
    return { ...common, unusable: error.reason };
  }
}

/** With what helps to find it again, where it can be read at all. */
async function referenceOf(certificate: Uint8Array, id: Uint8Array, label: string): Promise<X509CertificateReference> {
  try {
    const { derIssuer, derSubject, serial } = await x509Names(certificate);
    return await x509CertificateReference(certificate, { id, label: utf8(label), derIssuer, derSubject, serial });
  } catch (error) {
    if (error instanceof InvalidX509CertificateError) return x509CertificateReference(certificate);
    throw error;
  }
}
