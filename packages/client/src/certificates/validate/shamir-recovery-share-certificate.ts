import type { DeviceCertificate, ShamirRecoveryShareCertificate, UserId } from "@parsec/types";
import { lastAt } from "../at.ts";
import { shamirTopic } from "../topic.ts";
import type { CertificateView } from "../view.ts";
import { checkAuthorActive, checkNotOlder, type Violation } from "./checks.ts";

/** Spec 09a §4.10. `self` is the user of this device. The ciphered share is not opened here. */
export function validateShamirRecoveryShareCertificate(
  view: CertificateView,
  certificate: ShamirRecoveryShareCertificate,
  author: DeviceCertificate,
  self: UserId,
): Violation {
  return (
    checkNotOlder(view, shamirTopic, certificate.timestamp) ??
    checkBrief(view, certificate) ??
    (certificate.recipient === self ? undefined : { rule: "SHAMIR_RECOVERY_UNRELATED_TO_US" }) ??
    checkNew(view, certificate) ??
    (certificate.userId === author.userId ? undefined : { rule: "SHAMIR_RECOVERY_NOT_ABOUT_SELF" }) ??
    checkAuthorActive(view, author, certificate.timestamp)
  );
}

/** The last brief of anybody is the one that announces this share. */
function checkBrief(
  view: CertificateView,
  { author, timestamp, recipient }: ShamirRecoveryShareCertificate,
): Violation {
  const brief = lastAt(view.shamirBriefs(), timestamp);
  const announces =
    brief !== undefined &&
    brief.timestamp === timestamp &&
    brief.author === author &&
    brief.perRecipientShares.has(recipient);
  return announces ? undefined : { rule: "SHAMIR_RECOVERY_MISSING_BRIEF_CERTIFICATE" };
}

function checkNew(view: CertificateView, { author, timestamp, recipient }: ShamirRecoveryShareCertificate): Violation {
  const isKnown = view
    .shamirSharesOf(author)
    .some((share) => share.timestamp === timestamp && share.recipient === recipient);
  return isKnown ? { rule: "CONTENT_ALREADY_EXISTS" } : undefined;
}
