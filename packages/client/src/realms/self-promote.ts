import { realmSelfPromoteToOwner } from "@parsec/protocol";
import { signCertificate, type VlobId } from "@parsec/types";
import { ClientError } from "../errors.ts";
import type { SessionContext } from "../session/context.ts";
import { timestampOffset, withGreaterTimestamp } from "../session/greater-timestamp.ts";
import { type AuthoringOptions, type Outcome, uploaded } from "./outcome.ts";
import { realmRefusal } from "./realm-refusal.ts";

/**
 * Makes ourselves OWNER of a realm whose higher members are all revoked or OUTSIDER (spec 09a §6.3).
 * @throws AuthoringError, RealmRefusal, ACTIVE_OWNER_ALREADY_EXISTS, AUTHOR_IS_OUTSIDER
 */
export async function selfPromoteToOwner(
  context: SessionContext,
  realmId: VlobId,
  options: AuthoringOptions = {},
): Promise<Outcome> {
  const { device, connection } = context;
  const { reply, timestamp } = await withGreaterTimestamp(context, timestampOffset.realm, (timestamp) => {
    const realmRoleCertificate = signCertificate(device.signingKey, {
      type: "realm_role_certificate",
      author: device.deviceId,
      timestamp,
      realmId,
      userId: device.userId,
      role: "OWNER",
    });
    return connection.send(realmSelfPromoteToOwner, { realmRoleCertificate }, options);
  });
  switch (reply.status) {
    case "ok":
      return uploaded(timestamp);
    case "active_owner_already_exists":
      throw new ClientError("ACTIVE_OWNER_ALREADY_EXISTS");
    case "author_is_outsider":
      throw new ClientError("AUTHOR_IS_OUTSIDER");
    default:
      throw realmRefusal("realm_self_promote_to_owner", reply.status);
  }
}
