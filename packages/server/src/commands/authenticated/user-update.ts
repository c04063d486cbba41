import { userUpdate } from "@parsec/protocol";
import { UserUpdateCertificate } from "@parsec/types";
import { signedByAuthor } from "../../rules/certificate.ts";
import { notGreater, outOfBallpark } from "../../rules/timestamp.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §5.4. */
export const userUpdateHandler = authenticated(userUpdate).inTransaction(async (scope, request) => {
  const { tx, organizationId, author } = scope;
  if (author.user.currentProfile !== "ADMIN") return { status: "author_not_allowed" };
  const update = signedByAuthor(scope, UserUpdateCertificate, request.userUpdateCertificate);
  if (update === undefined) return { status: "invalid_certificate" };
  const drift = outOfBallpark(scope, update.timestamp);
  if (drift !== undefined) return drift;
  if (update.userId === author.user.userId) return { status: "invalid_certificate" };

  await tx.lock(organizationId, "common", "write");
  const user = await tx.users.find(organizationId, update.userId);
  if (user === undefined) return { status: "user_not_found" };
  if (user.revocation !== null) return { status: "user_revoked" };
  if (user.currentProfile === update.newProfile) return { status: "user_no_changes" };
  const older = await notGreater(scope, update.timestamp, ["common"]);
  if (older !== undefined) return older;

  const { userId, newProfile: profile, timestamp } = update;
  await tx.users.setProfile(organizationId, {
    userId,
    profile,
    certificate: request.userUpdateCertificate,
    certifiedBy: author.device.deviceId,
    certifiedOn: timestamp,
  });
  await tx.topics.advance(organizationId, "common", timestamp);
  tx.emit({ type: "COMMON_CERTIFICATE", organizationId, timestamp });
  return { status: "ok" };
});
