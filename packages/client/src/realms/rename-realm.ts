import { realmRename } from "@parsec/protocol";
import { type EntryName, encryptRealmName, signCertificate, type VlobId } from "@parsec/types";
import { ClientError } from "../errors.ts";
import type { SessionContext } from "../session/context.ts";
import { timestampOffset, withGreaterTimestamp } from "../session/greater-timestamp.ts";
import { type AuthoringOptions, type Outcome, remoteIdempotent, uploaded } from "./outcome.ts";
import { realmRefusal } from "./realm-refusal.ts";

/**
 * Gives the realm a name. With `isInitial`, only if it has none (spec 09a §6.3).
 * @throws AuthoringError, RealmKeysError, AUTHOR_NOT_ALLOWED, REALM_NOT_FOUND, REALM_DELETED; REALM_KEY_CORRUPTED when
 *   the last key is, and an OWNER must rotate it first
 */
export async function renameRealm(
  context: SessionContext,
  realmId: VlobId,
  name: EntryName,
  options: AuthoringOptions & { readonly isInitial: boolean },
): Promise<Outcome> {
  const { device, connection, certificates, realmKeys } = context;
  for (let refusedIndex = 0; ; ) {
    const { realmKey, keyIndex } = await realmKeys.current(realmId, options);
    // The server wants the last key, and that one is unusable.
    if (keyIndex === refusedIndex) throw new ClientError("REALM_KEY_CORRUPTED");
    const encryptedName = encryptRealmName(realmKey, name);
    const { reply, timestamp } = await withGreaterTimestamp(context, timestampOffset.realm, (timestamp) => {
      const realmNameCertificate = signCertificate(device.signingKey, {
        type: "realm_name_certificate",
        author: device.deviceId,
        timestamp,
        realmId,
        keyIndex,
        encryptedName,
      });
      return connection.send(realmRename, { realmNameCertificate, initialNameOrFail: options.isInitial }, options);
    });
    switch (reply.status) {
      case "ok":
        return uploaded(timestamp);
      case "initial_name_already_exists":
        return remoteIdempotent(reply.lastRealmCertificateTimestamp);
      case "bad_key_index":
        refusedIndex = keyIndex;
        await certificates.require({ realm: new Map([[realmId, reply.lastRealmCertificateTimestamp]]) }, options);
        break;
      default:
        throw realmRefusal("realm_rename", reply.status);
    }
  }
}
