import { realmSelfPromoteToOwner } from "@parsec/protocol";
import { isRoleAtLeast, type RealmRole, RealmRoleCertificate } from "@parsec/types";
import { signedByAuthor } from "../../rules/certificate.ts";
import { authorRole, giveRole, lastRealmTimestamp, lockRealm } from "../../rules/realm.ts";
import { notGreater, outOfBallpark } from "../../rules/timestamp.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §6.6. */
export const realmSelfPromoteToOwnerHandler = authenticated(realmSelfPromoteToOwner).inTransaction(
  async (scope, request) => {
    const { tx, organizationId, author } = scope;
    if (author.user.currentProfile === "OUTSIDER") return { status: "author_is_outsider" };
    const certificate = signedByAuthor(scope, RealmRoleCertificate, request.realmRoleCertificate);
    if (certificate === undefined) return { status: "invalid_certificate" };
    const { realmId, userId, role, timestamp } = certificate;
    const drift = outOfBallpark(scope, timestamp);
    if (drift !== undefined) return drift;
    if (userId !== author.user.userId || role !== "OWNER") return { status: "invalid_certificate" };

    const realm = await lockRealm(scope, realmId, "write");
    if (realm === undefined) return { status: "realm_not_found" };
    if (realm.status === "DELETED") return { status: "realm_deleted" };
    const ownRole = await authorRole(scope, realmId);
    if (ownRole === null) return { status: "author_not_allowed" };
    const activeRoles: RealmRole[] = [];
    for (const [memberId, memberRole] of await tx.realms.currentRoles(organizationId, realmId)) {
      const member = await tx.users.find(organizationId, memberId);
      if (member?.revocation === null) activeRoles.push(memberRole);
    }
    if (activeRoles.includes("OWNER")) {
      return { status: "active_owner_already_exists", ...(await lastRealmTimestamp(scope, realmId)) };
    }
    if (!activeRoles.every((other) => isRoleAtLeast(ownRole, other))) return { status: "author_not_allowed" };
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
  },
);
