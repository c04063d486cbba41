import { requireBytes, requireNatural, requireObject } from "@parsec/base";
import type { Certificate } from "pkijs";
import { requireBytesList } from "../arguments.ts";
import { parseX509 } from "./certificate.ts";
import { PkiError } from "./errors.ts";

export interface CertificateChain {
  /** DER of the certificate to check, then of those between it and a root, in any order. */
  readonly certificate: Uint8Array;
  readonly intermediates?: readonly Uint8Array[] | undefined;
  /** DER of the certificates that are trusted by themselves. */
  readonly roots: readonly Uint8Array[];
  /** DER of certificate revocation lists. When there is one, each certificate below the root must be covered. */
  readonly revocationLists?: readonly Uint8Array[] | undefined;
  /** Now by default, in microseconds. */
  readonly at?: number | undefined;
}

const clientAuth = "1.3.6.1.5.5.7.3.2";
const extendedKeyUsage = "2.5.29.37";

/**
 * Checks that a certificate may authenticate a client: a chain of signatures up to a trusted root, dates, the extended
 * key usage, and revocations when lists are given (spec 06 §13.4).
 * @throws PkiError UNTRUSTED_CERTIFICATE, INVALID_CERTIFICATE
 */
export async function verifyCertificateChain(chain: CertificateChain): Promise<void> {
  requireObject("chain", chain);
  requireBytes("chain.certificate", chain.certificate);
  requireBytesList("chain.roots", chain.roots);
  requireBytesList("chain.intermediates", chain.intermediates ?? []);
  requireBytesList("chain.revocationLists", chain.revocationLists ?? []);
  if (chain.at !== undefined) requireNatural("chain.at", chain.at);
  const { CertificateChainValidationEngine } = await import("pkijs");
  const leaf = await parseX509(chain.certificate);
  if (!allowsClientAuth(leaf)) throw untrusted("it is not made to authenticate a client");
  const parsed = async (list: readonly Uint8Array[]) => Promise.all(list.map(parseX509));
  const revocationLists = await parseRevocationLists(chain.revocationLists ?? []);
  const engine = new CertificateChainValidationEngine({
    trustedCerts: await parsed(chain.roots),
    // The engine takes the last one for the certificate to check.
    certs: [...(await parsed(chain.intermediates ?? [])), leaf],
    crls: revocationLists,
    checkDate: chain.at === undefined ? new Date() : new Date(chain.at / 1000),
  });
  const { result, resultMessage } = await engine.verify({ passedWhenNotRevValues: revocationLists.length === 0 });
  if (!result) throw untrusted(resultMessage);
}

async function parseRevocationLists(lists: readonly Uint8Array[]) {
  const { CertificateRevocationList } = await import("pkijs");
  try {
    return lists.map((der) => CertificateRevocationList.fromBER(Uint8Array.from(der)));
  } catch (cause) {
    throw new PkiError("UNTRUSTED_CERTIFICATE", "A revocation list cannot be read", { cause });
  }
}

/** Without the extension a certificate is for everything (RFC 5280 §4.2.1.12), as the test PKI of the vectors has it. */
function allowsClientAuth(certificate: Certificate): boolean {
  const extension = certificate.extensions?.find(({ extnID }) => extnID === extendedKeyUsage);
  if (extension === undefined) return true;
  const usages: unknown = extension.parsedValue;
  if (typeof usages !== "object" || usages === null || !("keyPurposes" in usages)) return false;
  return Array.isArray(usages.keyPurposes) && usages.keyPurposes.includes(clientAuth);
}

function untrusted(reason: string): PkiError {
  return new PkiError("UNTRUSTED_CERTIFICATE", `The certificate is not trusted: ${reason}`);
}
