import { realmRename } from "@parsec/protocol";
import { RealmNameCertificate } from "@parsec/types";
import { signedByAuthor } from "../../rules/certificate.ts";
import { advanceRealm, authorRole, lastRealmTimestamp, lockRealm } from "../../rules/realm.ts";
import { notGreater, outOfBallpark } from "../../rules/timestamp.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §6.4. */
export const realmRenameHandler = authenticated(realmRename).inTransaction(async (scope, request) => {
  const { tx, organizationId, author } = scope;
  const certificate = signedByAuthor(scope, RealmNameCertificate, request.realmNameCertificate);
  if (certificate === undefined) return { status: "invalid_certificate" };
  const { realmId, timestamp } = certificate;
  const drift = outOfBallpark(scope, timestamp);
  if (drift !== undefined) return drift;

  const realm = await lockRealm(scope, realmId, "write");
  if (realm === undefined) return { status: "realm_not_found" };
  if (realm.status === "DELETED") return { status: "realm_deleted" };
  if ((await authorRole(scope, realmId)) !== "OWNER") return { status: "author_not_allowed" };
  if (certificate.keyIndex !== realm.keyIndex) {
    return { status: "bad_key_index", ...(await lastRealmTimestamp(scope, realmId)) };
  }
  if (request.initialNameOrFail && (await tx.realms.names(organizationId, realmId)).length > 0) {
    return { status: "initial_name_already_exists", ...(await lastRealmTimestamp(scope, realmId)) };
  }
  const older = await notGreater(scope, timestamp, ["common", { realm: realmId }]);
  if (older !== undefined) return older;

  await tx.realms.addName(organizationId, {
    realmId,
    certificate: request.realmNameCertificate,
    certifiedBy: author.device.deviceId,
    certifiedOn: timestamp,
  });
  await advanceRealm(scope, realmId, timestamp, author.user.userId);
  return { status: "ok" };
});
