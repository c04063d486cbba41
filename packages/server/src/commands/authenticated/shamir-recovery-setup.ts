import { shamirRecoverySetup } from "@parsec/protocol";
import { ShamirRecoveryBriefCertificate, ShamirRecoveryShareCertificate, type UserId } from "@parsec/types";
import { signedByAuthor } from "../../rules/certificate.ts";
import { lastTimestamp, notGreater, outOfBallpark } from "../../rules/timestamp.ts";
import type { ShamirShareRow } from "../../store/port/shamir.ts";
import { authenticated } from "../handler.ts";
import { isReply } from "../reply.ts";
import type { AuthorScope } from "../scope.ts";

/** Spec 08b §10.1. No event tells of it. */
export const shamirRecoverySetupHandler = authenticated(shamirRecoverySetup).inTransaction(async (scope, request) => {
  const { tx, organizationId, author } = scope;
  const { userId } = author.user;
  await tx.lock(organizationId, "common", "read");
  await tx.lock(organizationId, "shamir_recovery", "write");
  if ((await tx.shamir.findActive(organizationId, userId)) !== undefined) {
    const lastShamirCertificateTimestamp = await lastTimestamp(scope, "shamir_recovery");
    return { status: "shamir_recovery_already_exists", lastShamirCertificateTimestamp };
  }
  const brief = signedByAuthor(scope, ShamirRecoveryBriefCertificate, request.shamirRecoveryBriefCertificate);
  if (brief === undefined) return { status: "invalid_certificate_brief_corrupted" };
  const drift = outOfBallpark(scope, brief.timestamp);
  if (drift !== undefined) return drift;
  if (brief.userId !== userId) return { status: "invalid_certificate_user_id_must_be_self" };
  const shares = checkShares(scope, brief, request.shamirRecoveryShareCertificates);
  if (isReply(shares)) return shares;
  for (const { recipient } of shares.rows) {
    const user = await tx.users.find(organizationId, recipient);
    if (user === undefined) return { status: "recipient_not_found" };
    if (user.revocation !== null) {
      return { status: "revoked_recipient", lastCommonCertificateTimestamp: await lastTimestamp(scope, "common") };
    }
  }
  const older = await notGreater(scope, brief.timestamp, ["common", "shamir_recovery"]);
  if (older !== undefined) return older;

  await tx.shamir.insert(organizationId, {
    userId,
    createdOn: brief.timestamp,
    author: author.device.deviceId,
    briefCertificate: request.shamirRecoveryBriefCertificate,
    revealToken: request.revealToken,
    threshold: brief.threshold,
    cipheredData: request.cipheredData,
    shares: shares.rows,
    deletion: null,
  });
  await tx.topics.advance(organizationId, "shamir_recovery", brief.timestamp);
  return { status: "ok" };
});

/** Checks 5 and 6: one share for each recipient of the brief, and nothing else. */
function checkShares(scope: AuthorScope, brief: ShamirRecoveryBriefCertificate, certificates: readonly Uint8Array[]) {
  const { perRecipientShares } = brief;
  if (certificates.length !== perRecipientShares.size) {
    return { status: "invalid_certificate_missing_share_for_recipient" } as const;
  }
  const rows: ShamirShareRow[] = [];
  const seen = new Set<UserId>();
  for (const certificate of certificates) {
    const share = signedByAuthor(scope, ShamirRecoveryShareCertificate, certificate);
    if (share === undefined) return { status: "invalid_certificate_share_corrupted" } as const;
    const { recipient, timestamp } = share;
    if (timestamp !== brief.timestamp) return { status: "invalid_certificate_share_inconsistent_timestamp" } as const;
    const weight = perRecipientShares.get(recipient);
    if (weight === undefined) return { status: "invalid_certificate_share_recipient_not_in_brief" } as const;
    if (seen.has(recipient)) return { status: "invalid_certificate_duplicate_share_for_recipient" } as const;
    if (recipient === brief.userId) return { status: "invalid_certificate_author_included_as_recipient" } as const;
    seen.add(recipient);
    rows.push({ recipient, weight, certificate });
  }
  return { rows };
}
