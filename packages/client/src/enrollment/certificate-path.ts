import { equalBytes } from "@parsec/base";
import { x509Names } from "@parsec/device";

/** From a certificate upwards, by the names alone: nothing is verified. */
export interface CertificatePath {
  /** DER of those above the certificate, without a root. */
  readonly intermediates: readonly Uint8Array[];
  /** Who vouches for the last one: the root. */
  readonly root: { readonly commonName: string | undefined; readonly derSubject: Uint8Array };
}

/**
 * Follows the issuers as far as the certificates at hand go; each is used once.
 * @throws InvalidX509CertificateError
 */
export async function certificatePath(
  certificate: Uint8Array,
  candidates: readonly Uint8Array[],
): Promise<CertificatePath> {
  const unused = await Promise.all(candidates.map(async (der) => ({ der, names: await x509Names(der) })));
  const intermediates: Uint8Array[] = [];
  let last = await x509Names(certificate);
  for (;;) {
    const issuer = last.derIssuer;
    const index = unused.findIndex(({ names }) => equalBytes(names.derSubject, issuer));
    const [next] = index < 0 ? [] : unused.splice(index, 1);
    // Whoever vouches for itself is a root.
    if (next === undefined || equalBytes(next.names.derIssuer, next.names.derSubject)) break;
    intermediates.push(next.der);
    last = next.names;
  }
  return { intermediates, root: { commonName: last.issuerCommonName, derSubject: last.derIssuer } };
}
