import { cryptpadRegisterSession } from "@parsec/protocol";
import { isRoleAtLeast } from "@parsec/types";
import { authorRole, lastRealmTimestamp, lockRealm } from "../../rules/realm.ts";
import { outOfBallpark } from "../../rules/timestamp.ts";
import { neededTimestamps } from "../../rules/vlob.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §7.7. The first session of a document stays, unless a writer brings the edit key that it lacks. */
export const cryptpadRegisterSessionHandler = authenticated(cryptpadRegisterSession).inTransaction(
  async (scope, request) => {
    const { tx, organizationId, author, server } = scope;
    const { realmId, documentId, keyIndex, timestamp } = request;
    if (server.config.cryptpadServerUrl === null) return { status: "cryptpad_unavailable" };
    const realm = await lockRealm(scope, realmId, "read");
    if (realm === undefined) return { status: "realm_not_found" };
    if (realm.status === "DELETED") return { status: "realm_deleted" };
    const role = await authorRole(scope, realmId);
    if (role === null) return { status: "author_not_allowed" };
    const canWrite = isRoleAtLeast(role, "CONTRIBUTOR");
    if (canWrite !== (request.encryptedCandidateEditKey !== null)) return { status: "author_not_allowed" };
    if (keyIndex !== realm.keyIndex) return { status: "bad_key_index", ...(await lastRealmTimestamp(scope, realmId)) };
    const drift = outOfBallpark(scope, timestamp);
    if (drift !== undefined) return drift;

    const stored = await tx.cryptpad.find(organizationId, realmId, documentId);
    const isReplaced = stored === undefined || (canWrite && stored.encryptedEditKey === null);
    const candidate = {
      documentId,
      author: author.device.deviceId,
      createdOn: timestamp,
      keyIndex,
      encryptedViewKey: request.encryptedCandidateViewKey,
      encryptedEditKey: request.encryptedCandidateEditKey,
    };
    if (isReplaced) await tx.cryptpad.put(organizationId, realmId, candidate);
    const session = isReplaced ? candidate : stored;
    return {
      status: "ok",
      author: session.author,
      timestamp: session.createdOn,
      keyIndex: session.keyIndex,
      encryptedViewKey: session.encryptedViewKey,
      encryptedEditKey: canWrite ? session.encryptedEditKey : null,
      ...(await neededTimestamps(scope, realmId)),
    };
  },
);
