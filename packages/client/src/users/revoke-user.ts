import { userRevoke } from "@parsec/protocol";
import { signCertificate, type UserId } from "@parsec/types";
import { ClientError, UnexpectedReplyError } from "../errors.ts";
import type { SessionContext } from "../session/context.ts";
import { timestampOffset, withGreaterTimestamp } from "../session/greater-timestamp.ts";

/**
 * Revokes a user, and learns the certificate (spec 09a §6.3, §7.3). Already revoked is fine.
 * @throws AuthoringError; ClientError USER_IS_SELF, USER_NOT_FOUND, AUTHOR_NOT_ALLOWED
 */
export async function revokeUser(
  context: SessionContext,
  userId: UserId,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { device, connection, certificates } = context;
  if (userId === device.userId) throw new ClientError("USER_IS_SELF");
  const { reply, timestamp } = await withGreaterTimestamp(context, timestampOffset.common, (timestamp) => {
    const revokedUserCertificate = signCertificate(device.signingKey, {
      type: "revoked_user_certificate",
      author: device.deviceId,
      timestamp,
      userId,
    });
    return connection.send(userRevoke, { revokedUserCertificate }, options);
  });
  switch (reply.status) {
    case "ok":
      await certificates.require({ common: timestamp }, options);
      return;
    case "user_already_revoked":
      await certificates.require({ common: reply.lastCommonCertificateTimestamp }, options);
      return;
    case "author_not_allowed":
      throw new ClientError("AUTHOR_NOT_ALLOWED");
    case "user_not_found":
      throw new ClientError("USER_NOT_FOUND");
    default:
      throw new UnexpectedReplyError("user_revoke", reply.status);
  }
}
