import type { DeviceCertificate, ShamirRecoveryBriefCertificate, UserId } from "@parsec/types";
import { shamirSetupAt } from "../at.ts";
import { shamirTopic } from "../topic.ts";
import type { CertificateView } from "../view.ts";
import { checkAuthorActive, checkNewer, checkUserActive, checkUserExists, type Violation } from "./checks.ts";

/** Spec 09a §4.9. `self` is the user of this device. */
export function validateShamirRecoveryBriefCertificate(
  view: CertificateView,
  certificate: ShamirRecoveryBriefCertificate,
  author: DeviceCertificate,
  self: UserId,
): Violation {
  return (
    checkNewer(view, shamirTopic, certificate.timestamp) ??
    checkPeople(certificate, author, self) ??
    checkNoSetup(view, certificate) ??
    checkAuthorActive(view, author, certificate.timestamp) ??
    checkRecipients(view, certificate)
  );
}

function checkPeople(
  { userId, perRecipientShares }: ShamirRecoveryBriefCertificate,
  author: DeviceCertificate,
  self: UserId,
): Violation {
  if (userId !== author.userId) return { rule: "shamir_recovery_not_about_self" };
  if (perRecipientShares.has(userId)) return { rule: "shamir_recovery_self_among_recipients" };
  return userId === self || perRecipientShares.has(self) ? undefined : { rule: "shamir_recovery_unrelated_to_us" };
}

function checkNoSetup(view: CertificateView, { userId, timestamp }: ShamirRecoveryBriefCertificate): Violation {
  const setup = shamirSetupAt(view, userId, timestamp);
  return setup === undefined || setup.deletion !== undefined ? undefined : { rule: "shamir_recovery_already_setup" };
}

function checkRecipients(
  view: CertificateView,
  { perRecipientShares, timestamp }: ShamirRecoveryBriefCertificate,
): Violation {
  for (const recipient of perRecipientShares.keys()) {
    const violation = checkUserExists(view, recipient, timestamp) ?? checkUserActive(view, recipient, timestamp);
    if (violation !== undefined) return violation;
  }
  return undefined;
}
