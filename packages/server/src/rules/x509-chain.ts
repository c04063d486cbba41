import { X509Certificate } from "node:crypto";

/** More intermediates than this are refused (spec 08b §1.2). */
const maxIntermediates = 100;

/**
 * The DER and the shape of a certificate chain: the error reply, if any. From the leaf on, each issuer is looked for
 * among the intermediates, which must all be used. No signature, date or root is checked (spec 08b §1.2).
 */
export function badX509Chain(leaf: Uint8Array, intermediates: readonly Uint8Array[]) {
  const certificates = [leaf, ...intermediates].map(parse);
  if (!certificates.every((certificate) => certificate !== undefined)) {
    return { status: "invalid_der_x509_certificate" } as const;
  }
  const [first, ...remaining] = certificates;
  if (remaining.length > maxIntermediates) return { status: "invalid_x509_trustchain" } as const;
  let current = first;
  while (current !== undefined) {
    const { issuer } = current;
    const index = remaining.findIndex(({ subject }) => subject === issuer);
    current = index < 0 ? undefined : remaining.splice(index, 1)[0];
  }
  return remaining.length > 0 ? ({ status: "invalid_x509_trustchain" } as const) : undefined;
}

/** `undefined` for bytes that are no certificate in DER: PEM, which the platform also reads, is not. */
function parse(der: Uint8Array): X509Certificate | undefined {
  const sequenceTag = 0x30;
  if (der[0] !== sequenceTag) return undefined;
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}
