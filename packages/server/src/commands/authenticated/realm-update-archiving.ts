import { realmUpdateArchiving } from "@parsec/protocol";
import { RealmArchivingCertificate } from "@parsec/types";
import { signedByAuthor } from "../../rules/certificate.ts";
import { advanceRealm, authorRole, lockRealm } from "../../rules/realm.ts";
import { notGreater, outOfBallpark } from "../../rules/timestamp.ts";
import { authenticated } from "../handler.ts";

const second = 1_000_000;

/** Spec 08b §6.7. */
export const realmUpdateArchivingHandler = authenticated(realmUpdateArchiving).inTransaction(async (scope, request) => {
  const { tx, organizationId, organization, author } = scope;
  const certificate = signedByAuthor(scope, RealmArchivingCertificate, request.archivingCertificate);
  if (certificate === undefined) return { status: "invalid_certificate" };
  const { realmId, timestamp, configuration } = certificate;
  const drift = outOfBallpark(scope, timestamp);
  if (drift !== undefined) return drift;

  const realm = await lockRealm(scope, realmId, "write");
  if (realm === undefined) return { status: "realm_not_found" };
  if (realm.status === "DELETED") return { status: "realm_deleted" };
  if ((await authorRole(scope, realmId)) !== "OWNER") return { status: "author_not_allowed" };
  const earliestDeletion = timestamp + organization.realmMinimumArchivingPeriodBeforeDeletion * second;
  if (configuration.type === "DELETION_PLANNED" && configuration.deletionDate < earliestDeletion) {
    return { status: "archiving_period_too_short" };
  }
  const older = await notGreater(scope, timestamp, ["common", { realm: realmId }]);
  if (older !== undefined) return older;

  await tx.realms.addArchiving(organizationId, {
    realmId,
    configuration,
    certificate: request.archivingCertificate,
    certifiedBy: author.device.deviceId,
    certifiedOn: timestamp,
  });
  const status = configuration.type === "AVAILABLE" ? "AVAILABLE" : "ARCHIVED_OR_DELETION_PLANNED";
  await tx.realms.setStatus(organizationId, realmId, status);
  await advanceRealm(scope, realmId, timestamp, author.user.userId);
  return { status: "ok" };
});
