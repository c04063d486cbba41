import type { DeviceCertificate, ShamirRecoveryDeletionCertificate } from "@parsec/types";
import { shamirSetupAt } from "../at.ts";
import { shamirTopic } from "../topic.ts";
import type { CertificateView } from "../view.ts";
import { checkAuthorActive, checkNewer, type Violation } from "./checks.ts";

/** Spec 09a §4.11. */
export function validateShamirRecoveryDeletionCertificate(
  view: CertificateView,
  certificate: ShamirRecoveryDeletionCertificate,
  author: DeviceCertificate,
): Violation {
  const isAboutSelf = certificate.setupToDeleteUserId === author.userId;
  return (
    checkNewer(view, shamirTopic, certificate.timestamp) ??
    (isAboutSelf ? undefined : { rule: "SHAMIR_RECOVERY_NOT_ABOUT_SELF" }) ??
    checkSetup(view, certificate) ??
    checkAuthorActive(view, author, certificate.timestamp)
  );
}

function checkSetup(
  view: CertificateView,
  { setupToDeleteUserId, setupToDeleteTimestamp, shareRecipients, timestamp }: ShamirRecoveryDeletionCertificate,
): Violation {
  const setup = shamirSetupAt(view, setupToDeleteUserId, timestamp);
  if (setup === undefined || setup.brief.timestamp !== setupToDeleteTimestamp) {
    return { rule: "SHAMIR_RECOVERY_DELETION_MUST_REFERENCE_LAST_SETUP" };
  }
  if (setup.deletion !== undefined) {
    return { rule: "SHAMIR_RECOVERY_ALREADY_DELETED", deletedOn: setup.deletion.timestamp };
  }
  const recipients = [...setup.brief.perRecipientShares.keys()];
  const isSame = recipients.length === shareRecipients.size && recipients.every((user) => shareRecipients.has(user));
  return isSame ? undefined : { rule: "SHAMIR_RECOVERY_DELETION_RECIPIENTS_MISMATCH", setupRecipients: recipients };
}
