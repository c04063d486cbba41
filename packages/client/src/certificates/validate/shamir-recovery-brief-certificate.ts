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
  if (userId !== author.userId) return { rule: "SHAMIR_RECOVERY_NOT_ABOUT_SELF" };
  if (perRecipientShares.has(userId)) return { rule: "SHAMIR_RECOVERY_SELF_AMONG_RECIPIENTS" };
  return userId === self || perRecipientShares.has(self) ? undefined : { rule: "SHAMIR_RECOVERY_UNRELATED_TO_US" };
}

function checkNoSetup(view: CertificateView, { userId, timestamp }: ShamirRecoveryBriefCertificate): Violation {
  const setup = shamirSetupAt(view, userId, timestamp);
  return setup === undefined || setup.deletion !== undefined ? undefined : { rule: "SHAMIR_RECOVERY_ALREADY_SETUP" };
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
