import { realmCreate } from "@parsec/protocol";
import { RealmRoleCertificate } from "@parsec/types";
import { signedByAuthor } from "../../rules/certificate.ts";
import { giveRole, insertRealm, lastRealmTimestamp, lockRealm } from "../../rules/realm.ts";
import { notGreater, outOfBallpark } from "../../rules/timestamp.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §6.1. */
export const realmCreateHandler = authenticated(realmCreate).inTransaction(async (scope, request) => {
  const { author } = scope;
  if (author.user.currentProfile === "OUTSIDER") return { status: "author_not_allowed" };
  const certificate = signedByAuthor(scope, RealmRoleCertificate, request.realmRoleCertificate);
  if (certificate === undefined) return { status: "invalid_certificate" };
  const { realmId, userId, role, timestamp } = certificate;
  const drift = outOfBallpark(scope, timestamp);
  if (drift !== undefined) return drift;
  if (userId !== author.user.userId || role !== "OWNER") return { status: "invalid_certificate" };

  const existing = await lockRealm(scope, realmId, "write");
  const older = await notGreater(scope, timestamp, ["common"]);
  if (older !== undefined) return older;
  if (existing !== undefined) return { status: "realm_already_exists", ...(await lastRealmTimestamp(scope, realmId)) };

  await insertRealm(scope, realmId, timestamp);
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
