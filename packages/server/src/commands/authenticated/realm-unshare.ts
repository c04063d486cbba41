import { realmUnshare } from "@parsec/protocol";
import { isRoleAtLeast, RealmRoleCertificate } from "@parsec/types";
import { signedByAuthor } from "../../rules/certificate.ts";
import { authorRole, giveRole, lastRealmTimestamp, lockRealm } from "../../rules/realm.ts";
import { notGreater, outOfBallpark } from "../../rules/timestamp.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §6.3. A revoked user can be removed; the accesses that it has are kept. */
export const realmUnshareHandler = authenticated(realmUnshare).inTransaction(async (scope, request) => {
  const { tx, organizationId, author } = scope;
  const certificate = signedByAuthor(scope, RealmRoleCertificate, request.realmRoleCertificate);
  if (certificate === undefined) return { status: "invalid_certificate" };
  const { realmId, userId, role, timestamp } = certificate;
  const drift = outOfBallpark(scope, timestamp);
  if (drift !== undefined) return drift;
  if (userId === author.user.userId || role !== null) return { status: "invalid_certificate" };

  const realm = await lockRealm(scope, realmId, "write");
  if (realm === undefined) return { status: "realm_not_found" };
  if (realm.status === "DELETED") return { status: "realm_deleted" };
  const ownRole = await authorRole(scope, realmId);
  if (ownRole === null) return { status: "author_not_allowed" };
  if ((await tx.users.find(organizationId, userId)) === undefined) return { status: "recipient_not_found" };
  const currentRole = await tx.realms.currentRole(organizationId, realmId, userId);
  if (currentRole === null) {
    return { status: "recipient_already_unshared", ...(await lastRealmTimestamp(scope, realmId)) };
  }
  const needed = isRoleAtLeast(currentRole, "MANAGER") ? "OWNER" : "MANAGER";
  if (!isRoleAtLeast(ownRole, needed)) return { status: "author_not_allowed" };
  const older = await notGreater(scope, timestamp, ["common", { realm: realmId }, { newestVlobOf: realmId }]);
  if (older !== undefined) return older;

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
