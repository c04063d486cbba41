import { hasCode } from "@parsec/base";
import type { VlobId } from "@parsec/types";
import type { SessionContext } from "../session/context.ts";
import { forEachRealm } from "./for-each-realm.ts";
import { realmNeeds } from "./needs.ts";
import type { AuthoringOptions } from "./outcome.ts";

/**
 * Does what the realms need of which we are OWNER: takes the roles of revoked users away, then makes a new key
 * (spec 09a §9.5). Several owners may do it at once: the first wins.
 * @throws AuthoringError
 */
export async function processNeeds(context: SessionContext, options: AuthoringOptions = {}): Promise<void> {
  const { certificates, device, realms } = context;
  const owned = certificates.view
    .realmIds()
    .filter((realmId) => realmId !== device.userRealmId && realms.selfRole(realmId) === "OWNER");
  await forEachRealm(owned, async (realmId) => {
    try {
      await processRealm(context, realmId, options);
    } catch (error) {
      // Another owner will do it, or it is too late.
      if (!hasCode(error, "AUTHOR_NOT_ALLOWED", "REALM_ACCESS_DENIED", "REALM_DELETED", "INVALID_KEYS_BUNDLE"))
        throw error;
    }
  });
}

async function processRealm(context: SessionContext, realmId: VlobId, options: AuthoringOptions): Promise<void> {
  const { certificates } = context;
  const { revokedMembers } = realmNeeds(certificates.view, realmId);
  if (revokedMembers.length > 0) {
    const { unshareRealm } = await import("./share-realm.ts");
    for (const userId of revokedMembers) await unshareRealm(context, realmId, userId, options);
    // The rotation must not give the new key to those who just left.
    await certificates.poll(options);
  }
  const { nextKeyIndex } = realmNeeds(certificates.view, realmId);
  if (nextKeyIndex === undefined) return;
  const { rotateKey } = await import("./rotate-key.ts");
  await rotateKey(context, realmId, nextKeyIndex, options);
}
