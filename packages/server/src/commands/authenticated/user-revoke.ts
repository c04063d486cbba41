import { userRevoke } from "@parsec/protocol";
import { RevokedUserCertificate } from "@parsec/types";
import { signedByAuthor } from "../../rules/certificate.ts";
import { currentRealms } from "../../rules/realm.ts";
import { lastTimestamp, notGreater, outOfBallpark } from "../../rules/timestamp.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §5.5. */
export const userRevokeHandler = authenticated(userRevoke).inTransaction(async (scope, request) => {
  const { tx, organizationId, author } = scope;
  if (author.user.currentProfile !== "ADMIN") return { status: "author_not_allowed" };
  const revocation = signedByAuthor(scope, RevokedUserCertificate, request.revokedUserCertificate);
  if (revocation === undefined) return { status: "invalid_certificate" };
  const { userId, timestamp } = revocation;
  const drift = outOfBallpark(scope, timestamp);
  if (drift !== undefined) return drift;
  if (userId === author.user.userId) return { status: "invalid_certificate" };

  await tx.lock(organizationId, "common", "write");
  const user = await tx.users.find(organizationId, userId);
  if (user === undefined) return { status: "user_not_found" };
  if (user.revocation !== null) {
    return {
      status: "user_already_revoked",
      lastCommonCertificateTimestamp: await lastTimestamp(scope, "common"),
    };
  }
  const realms = currentRealms(await tx.realms.rolesOfUser(organizationId, userId));
  for (const realm of realms) await tx.lock(organizationId, { realm }, "read");
  const older = await notGreater(scope, timestamp, [
    "common",
    ...realms.flatMap((realm) => [{ realm }, { newestVlobOf: realm }]),
  ]);
  if (older !== undefined) return older;

  const certificate = request.revokedUserCertificate;
  await tx.users.setRevoked(organizationId, userId, { on: timestamp, by: author.device.deviceId, certificate });
  await tx.topics.advance(organizationId, "common", timestamp);
  tx.emit({ type: "COMMON_CERTIFICATE", organizationId, timestamp });
  tx.emit({ type: "USER_REVOKED_OR_FROZEN", organizationId, userId });
  return { status: "ok" };
});
