import { realmShare, realmUnshare } from "@parsec/protocol";
import {
  type DateTime,
  type RealmRole,
  sealRealmKeysBundleAccess,
  signCertificate,
  type UserId,
  type VlobId,
} from "@parsec/types";
import { ClientError, UnexpectedReplyError } from "../errors.ts";
import type { SessionContext } from "../session/context.ts";
import { timestampOffset, withGreaterTimestamp } from "../session/greater-timestamp.ts";
import { type AuthoringOptions, type Outcome, remoteIdempotent, uploaded } from "./outcome.ts";
import { maxRefetches, realmRefusal } from "./realm-refusal.ts";

/**
 * Gives another user a role, with an access to the keys (spec 09a §6.3). Whether we may is for the server to say.
 * @throws AuthoringError, RealmKeysError, RECIPIENT_IS_SELF, RECIPIENT_NOT_FOUND, RECIPIENT_REVOKED,
 *   ROLE_INCOMPATIBLE_WITH_OUTSIDER, AUTHOR_NOT_ALLOWED, REALM_NOT_FOUND, REALM_DELETED
 */
export async function shareRealm(
  context: SessionContext,
  realmId: VlobId,
  recipient: UserId,
  role: RealmRole,
  options: AuthoringOptions = {},
): Promise<Outcome> {
  const { connection, certificates, device, realmKeys } = context;
  if (recipient === device.userId) throw new ClientError("RECIPIENT_IS_SELF");
  for (let refetches = 0; ; refetches += 1) {
    const bundle = await realmKeys.bundle(realmId, options);
    if (bundle === undefined) throw new ClientError("NO_REALM_KEY");
    const user = certificates.view.user(recipient);
    if (user === undefined) throw new ClientError("RECIPIENT_NOT_FOUND");
    const recipientKeysBundleAccess = sealRealmKeysBundleAccess(bundle.keysBundleKey, user.publicKey);
    const { reply, timestamp } = await withGreaterTimestamp(context, timestampOffset.realm, (timestamp) => {
      const realmRoleCertificate = signRole(context, { realmId, userId: recipient, role, timestamp });
      const request = { realmRoleCertificate, recipientKeysBundleAccess, keyIndex: bundle.keys.length };
      return connection.send(realmShare, request, options);
    });
    switch (reply.status) {
      case "ok":
        return uploaded(timestamp);
      case "role_already_granted":
        return remoteIdempotent(reply.lastRealmCertificateTimestamp);
      case "bad_key_index":
        if (refetches === maxRefetches) throw new UnexpectedReplyError("realm_share", reply.status);
        await certificates.require({ realm: new Map([[realmId, reply.lastRealmCertificateTimestamp]]) }, options);
        break;
      case "role_incompatible_with_outsider":
        throw new ClientError("ROLE_INCOMPATIBLE_WITH_OUTSIDER");
      case "recipient_revoked":
        throw new ClientError("RECIPIENT_REVOKED");
      case "recipient_not_found":
        throw new ClientError("RECIPIENT_NOT_FOUND");
      default:
        throw realmRefusal("realm_share", reply.status);
    }
  }
}

/**
 * Takes the role of another user away.
 * @throws AuthoringError, RECIPIENT_IS_SELF, RECIPIENT_NOT_FOUND, AUTHOR_NOT_ALLOWED, REALM_NOT_FOUND, REALM_DELETED
 */
export async function unshareRealm(
  context: SessionContext,
  realmId: VlobId,
  recipient: UserId,
  options: AuthoringOptions = {},
): Promise<Outcome> {
  if (recipient === context.device.userId) throw new ClientError("RECIPIENT_IS_SELF");
  const { reply, timestamp } = await withGreaterTimestamp(context, timestampOffset.realm, (timestamp) => {
    const realmRoleCertificate = signRole(context, { realmId, userId: recipient, role: null, timestamp });
    return context.connection.send(realmUnshare, { realmRoleCertificate }, options);
  });
  switch (reply.status) {
    case "ok":
      return uploaded(timestamp);
    case "recipient_already_unshared":
      return remoteIdempotent(reply.lastRealmCertificateTimestamp);
    case "recipient_not_found":
      throw new ClientError("RECIPIENT_NOT_FOUND");
    default:
      throw realmRefusal("realm_unshare", reply.status);
  }
}

interface Role {
  readonly realmId: VlobId;
  readonly userId: UserId;
  readonly role: RealmRole | null;
  readonly timestamp: DateTime;
}

function signRole({ device }: SessionContext, role: Role): Uint8Array {
  return signCertificate(device.signingKey, { type: "realm_role_certificate", author: device.deviceId, ...role });
}
