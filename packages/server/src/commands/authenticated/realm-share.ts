import { realmShare } from "@parsec/protocol";
import { isRoleAtLeast, RealmRoleCertificate } from "@parsec/types";
import { signedByAuthor } from "../../rules/certificate.ts";
import { authorRole, giveRole, lastRealmTimestamp, lockRealm } from "../../rules/realm.ts";
import { notGreater, outOfBallpark } from "../../rules/timestamp.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §6.2. */
export const realmShareHandler = authenticated(realmShare).inTransaction(async (scope, request) => {
  const { tx, organizationId, author } = scope;
  const certificate = signedByAuthor(scope, RealmRoleCertificate, request.realmRoleCertificate);
  if (certificate === undefined) return { status: "invalid_certificate" };
  const { realmId, userId, role, timestamp } = certificate;
  const drift = outOfBallpark(scope, timestamp);
  if (drift !== undefined) return drift;
  if (userId === author.user.userId || role === null) return { status: "invalid_certificate" };

  const realm = await lockRealm(scope, realmId, "write");
  if (realm === undefined) return { status: "realm_not_found" };
  if (realm.status === "DELETED") return { status: "realm_deleted" };
  const ownRole = await authorRole(scope, realmId);
  if (ownRole === null) return { status: "author_not_allowed" };
  const recipient = await tx.users.find(organizationId, userId);
  if (recipient === undefined) return { status: "recipient_not_found" };
  if (recipient.revocation !== null) return { status: "recipient_revoked" };
  const currentRole = await tx.realms.currentRole(organizationId, realmId, userId);
  const touchesManagement = isRoleAtLeast(role, "MANAGER") || isRoleAtLeast(currentRole, "MANAGER");
  if (!isRoleAtLeast(ownRole, touchesManagement ? "OWNER" : "MANAGER")) return { status: "author_not_allowed" };
  if (recipient.currentProfile === "OUTSIDER" && isRoleAtLeast(role, "MANAGER")) {
    return { status: "role_incompatible_with_outsider" };
  }
  if (currentRole === role) return { status: "role_already_granted", ...(await lastRealmTimestamp(scope, realmId)) };
  if (realm.keyIndex === 0 || request.keyIndex !== realm.keyIndex) {
    return { status: "bad_key_index", ...(await lastRealmTimestamp(scope, realmId)) };
  }
  const older = await notGreater(scope, timestamp, ["common", { realm: realmId }, { newestVlobOf: realmId }]);
  if (older !== undefined) return older;

  await tx.realms.addAccess(organizationId, realmId, {
    userId,
    keyIndex: request.keyIndex,
    access: request.recipientKeysBundleAccess,
    givenOn: timestamp,
    fromSharing: true,
  });
  await giveRole(scope, {
    realmId,
    userId,
    role,
    certificate: request.realmRoleCertificate,
    certifiedBy: author.device.deviceId,
    certifiedOn: timestamp,
  });
  return { status: "ok" };
});
