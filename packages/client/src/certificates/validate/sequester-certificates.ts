import type { SequesterRevokedServiceCertificate, SequesterServiceCertificate } from "@parsec/types";
import { sequesterTopic } from "../topic.ts";
import type { CertificateView } from "../view.ts";
import { checkNewer, type Violation } from "./checks.ts";

/** Spec 09a §4.7: root signs it before anything else. */
export function validateSequesterAuthorityCertificate(view: CertificateView): Violation {
  return view.isEmpty ? undefined : { rule: "SEQUESTER_AUTHORITY_MUST_BE_FIRST" };
}

/** Spec 09a §4.8. */
export function validateSequesterServiceCertificate(
  view: CertificateView,
  { timestamp, serviceId }: SequesterServiceCertificate,
): Violation {
  const isKnown = view.sequesterServices().some((service) => service.serviceId === serviceId);
  return checkNewer(view, sequesterTopic, timestamp) ?? (isKnown ? { rule: "CONTENT_ALREADY_EXISTS" } : undefined);
}

/** Spec 09a §4.8. That the service exists is not looked at. */
export function validateSequesterRevokedServiceCertificate(
  view: CertificateView,
  { timestamp, serviceId }: SequesterRevokedServiceCertificate,
): Violation {
  const newer = checkNewer(view, sequesterTopic, timestamp);
  if (newer !== undefined) return newer;
  const revocation = view.sequesterRevocationOf(serviceId);
  return revocation && { rule: "RELATED_SEQUESTER_SERVICE_ALREADY_REVOKED", serviceRevokedOn: revocation.timestamp };
}
