import { fromBase64, toBase64 } from "@parsec/base";

/** What the PEM file of a certificate holds (spec 08c §4). */
export type CertificateLabel =
  | "PARSEC SEQUESTER SERVICE CERTIFICATE"
  | "PARSEC SEQUESTER SERVICE REVOCATION CERTIFICATE";

const column = 64;

/** A signed certificate, armored. */
export function certificateToPem(label: CertificateLabel, signed: Uint8Array): string {
  const lines = toBase64(signed).match(new RegExp(`.{1,${column}}`, "g")) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** The signed certificate of such a file; `undefined` for anything else. */
export function certificateFromPem(label: CertificateLabel, pem: string): Uint8Array | undefined {
  const lines = pem.trim().split(/\s*\r?\n\s*/);
  if (lines[0] !== `-----BEGIN ${label}-----` || lines.at(-1) !== `-----END ${label}-----`) return undefined;
  const bytes = fromBase64(lines.slice(1, -1).join(""));
  return bytes === undefined || bytes.length === 0 ? undefined : bytes;
}
