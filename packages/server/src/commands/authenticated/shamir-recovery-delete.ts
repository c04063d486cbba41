import { shamirRecoveryDelete } from "@parsec/protocol";
import { ShamirRecoveryDeletionCertificate } from "@parsec/types";
import { signedByAuthor } from "../../rules/certificate.ts";
import { lastTimestamp, notGreater, outOfBallpark } from "../../rules/timestamp.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §10.2. Open invitations to that recovery are cancelled by it. */
export const shamirRecoveryDeleteHandler = authenticated(shamirRecoveryDelete).inTransaction(async (scope, request) => {
  const { tx, organizationId, author } = scope;
  const { userId } = author.user;
  const certificate = request.shamirRecoveryDeletionCertificate;
  const deletion = signedByAuthor(scope, ShamirRecoveryDeletionCertificate, certificate);
  if (deletion === undefined) return { status: "invalid_certificate_corrupted" };
  const { timestamp, setupToDeleteTimestamp, shareRecipients } = deletion;
  const drift = outOfBallpark(scope, timestamp);
  if (drift !== undefined) return drift;
  if (deletion.setupToDeleteUserId !== userId) return { status: "invalid_certificate_user_id_must_be_self" };

  await tx.lock(organizationId, "common", "read");
  await tx.lock(organizationId, "shamir_recovery", "write");
  const setup = await tx.shamir.find(organizationId, userId, setupToDeleteTimestamp);
  if (setup === undefined) return { status: "shamir_recovery_not_found" };
  const recipients = setup.shares.map(({ recipient }) => recipient);
  if (recipients.length !== shareRecipients.size || !recipients.every((recipient) => shareRecipients.has(recipient))) {
    return { status: "recipients_mismatch" };
  }
  if (setup.deletion !== null) {
    const lastShamirCertificateTimestamp = await lastTimestamp(scope, "shamir_recovery");
    return { status: "shamir_recovery_already_deleted", lastShamirCertificateTimestamp };
  }
  const older = await notGreater(scope, timestamp, ["common", "shamir_recovery"]);
  if (older !== undefined) return older;

  const by = author.device.deviceId;
  await tx.shamir.setDeleted(organizationId, userId, setupToDeleteTimestamp, { on: timestamp, by, certificate });
  await tx.topics.advance(organizationId, "shamir_recovery", timestamp);
  return { status: "ok" };
});
