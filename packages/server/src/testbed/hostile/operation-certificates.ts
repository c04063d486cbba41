import { fromBase64 } from "@parsec/base";
import { DateTime, SignedCertificate, type VlobId } from "@parsec/types";
import { unverified } from "../../rules/certificate.ts";

interface Served {
  readonly timestamp: DateTime;
  readonly certificate: Uint8Array;
}

/** The certificates that operations hold, by topic. */
export interface OperationCertificates {
  readonly common: readonly Served[];
  readonly sequester: readonly Served[];
  readonly shamir: readonly Served[];
  readonly realms: readonly (Served & { readonly realmId: VlobId })[];
}

/** Reads the certificates of operations (spec 13 §3) in order. Nothing is checked: they are served as they are. */
export function operationCertificates(operations: readonly unknown[]): OperationCertificates {
  const [common, sequester, shamir]: [Served[], Served[], Served[]] = [[], [], []];
  const realms: (Served & { realmId: VlobId })[] = [];
  for (const { name, certificate, timestamp } of operations.flatMap(certificateFields)) {
    if (name.includes("service_certificate")) {
      sequester.push({ certificate, timestamp });
      continue;
    }
    const content = unverified(SignedCertificate, certificate);
    if (content === undefined) common.push({ certificate, timestamp });
    else if ("realmId" in content) realms.push({ certificate, timestamp: content.timestamp, realmId: content.realmId });
    else if (content.type.startsWith("shamir")) shamir.push({ certificate, timestamp: content.timestamp });
    else common.push({ certificate, timestamp: content.timestamp });
  }
  return { common, sequester, shamir, realms };
}

interface CertificateField extends Served {
  readonly name: string;
}

/** Redacted certificates are for outsiders: a rule serves the full ones. */
function certificateFields(operation: unknown): readonly CertificateField[] {
  if (typeof operation !== "object" || operation === null) return [];
  const fields = new Map<string, unknown>(Object.entries(operation));
  const timestamp = DateTime.fromMicros(Number(fields.get("timestamp") ?? 0));
  return [...fields].flatMap(([name, value]) => {
    if (!/certificates?$/.test(name) || name.startsWith("redacted_")) return [];
    const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
    return texts.flatMap((text) => {
      const certificate = typeof text === "string" ? fromBase64(text) : undefined;
      return certificate === undefined ? [] : [{ name, certificate, timestamp }];
    });
  });
}
