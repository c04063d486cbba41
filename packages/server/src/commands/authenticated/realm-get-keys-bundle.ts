import { realmGetKeysBundle } from "@parsec/protocol";
import { authorRole } from "../../rules/realm.ts";
import { authenticated } from "../handler.ts";

/** Spec 08b §6.8. */
export const realmGetKeysBundleHandler = authenticated(realmGetKeysBundle).inTransaction(
  async (scope, { realmId, keyIndex }) => {
    const { tx, organizationId, author } = scope;
    if (keyIndex === 0) return { status: "bad_key_index" };
    const realm = await tx.realms.find(organizationId, realmId);
    if (realm === undefined) return { status: "author_not_allowed" };
    if (realm.status === "DELETED") return { status: "realm_deleted" };
    if ((await authorRole(scope, realmId)) === null) return { status: "author_not_allowed" };
    const rotation = await tx.realms.rotation(organizationId, realmId, keyIndex);
    if (rotation === undefined) return { status: "bad_key_index" };
    const access = await tx.realms.latestAccess(organizationId, realmId, author.user.userId, keyIndex);
    if (access === undefined) return { status: "access_not_available_for_author" };
    return { status: "ok", keysBundle: rotation.keysBundle, keysBundleAccess: access.access };
  },
);
