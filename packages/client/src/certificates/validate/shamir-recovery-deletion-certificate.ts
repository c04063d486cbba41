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
    (isAboutSelf ? undefined : { rule: "shamir_recovery_not_about_self" }) ??
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
    return { rule: "shamir_recovery_deletion_must_reference_last_setup" };
  }
  if (setup.deletion !== undefined) {
    return { rule: "shamir_recovery_already_deleted", deletedOn: setup.deletion.timestamp };
  }
  const recipients = [...setup.brief.perRecipientShares.keys()];
  const isSame = recipients.length === shareRecipients.size && recipients.every((user) => shareRecipients.has(user));
  return isSame
    ? undefined
    : { rule: "shamir_recovery_deletion_recipients_mismatch", setupRecipients: recipients };
}
