import { realmCreate } from "@parsec/protocol";
import { signCertificate, type VlobId } from "@parsec/types";
import type { SessionContext } from "../session/context.ts";
import { timestampOffset, withGreaterTimestamp } from "../session/greater-timestamp.ts";
import { type AuthoringOptions, localIdempotent, type Outcome, remoteIdempotent, uploaded } from "./outcome.ts";
import { realmRefusal } from "./realm-refusal.ts";

/**
 * Makes the realm on the server, with us as OWNER (spec 09a §6.3).
 * @throws AuthoringError, AUTHOR_NOT_ALLOWED for an OUTSIDER
 */
export async function createRealm(
  context: SessionContext,
  realmId: VlobId,
  options: AuthoringOptions = {},
): Promise<Outcome> {
  const { device, connection, certificates } = context;
  if (certificates.view.realmRoles(realmId).length > 0) return localIdempotent;
  const { reply, timestamp } = await withGreaterTimestamp(context, timestampOffset.realm, (timestamp) => {
    const realmRoleCertificate = signCertificate(device.signingKey, {
      type: "realm_role_certificate",
      author: device.deviceId,
      timestamp,
      realmId,
      userId: device.userId,
      role: "OWNER",
    });
    return connection.send(realmCreate, { realmRoleCertificate }, options);
  });
  switch (reply.status) {
    case "ok":
      return uploaded(timestamp);
    case "realm_already_exists":
      return remoteIdempotent(reply.lastRealmCertificateTimestamp);
    default:
      throw realmRefusal("realm_create", reply.status);
  }
}
