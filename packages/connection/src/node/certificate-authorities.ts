import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { TransportConfigError } from "../transport.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The certificates to trust: `undefined` for the usual ones alone. Naming any to Node replaces its own, so they are
 * given again, with those of `NODE_EXTRA_CA_CERTS`.
 * @throws TransportConfigError `INVALID_CA`
 */
export function certificateAuthorities(pem: string | undefined, environment: Environment): string[] | undefined {
  const file = environment["SSL_CAFILE"];
  const added = pem ?? (file === undefined || file === "" ? undefined : readPem(file));
  if (added === undefined) return undefined;
  const extra = environment["NODE_EXTRA_CA_CERTS"];
  return [...rootCertificates, ...(extra ? splitPem(readPem(extra)) : []), ...splitPem(added)];
}

function readPem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new TransportConfigError("INVALID_CA", `Cannot read the certificates of ${path}`, { cause });
  }
}

function splitPem(pem: string): readonly string[] {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) throw new TransportConfigError("INVALID_CA", "There is no PEM certificate to trust");
  for (const certificate of certificates) checkCertificate(certificate);
  return certificates;
}

function checkCertificate(pem: string): void {
  try {
    new X509Certificate(pem);
  } catch (cause) {
    throw new TransportConfigError("INVALID_CA", "A certificate to trust is not a valid PEM certificate", { cause });
  }
}
