import { userUpdate } from "@parsec/protocol";
import { signCertificate, type UserId, type UserProfile } from "@parsec/types";
import { ClientError, UnexpectedReplyError } from "../errors.ts";
import type { SessionContext } from "../session/context.ts";
import { timestampOffset, withGreaterTimestamp } from "../session/greater-timestamp.ts";

/**
 * Changes the profile of another user, and learns the certificate (spec 09a §6.3, §7.3). The same profile is fine.
 * @throws AuthoringError; ClientError USER_IS_SELF, USER_NOT_FOUND, USER_REVOKED, AUTHOR_NOT_ALLOWED
 */
export async function updateProfile(
  context: SessionContext,
  userId: UserId,
  newProfile: UserProfile,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const { device, connection, certificates } = context;
  if (userId === device.userId) throw new ClientError("USER_IS_SELF");
  const { reply, timestamp } = await withGreaterTimestamp(context, timestampOffset.common, (timestamp) => {
    const userUpdateCertificate = signCertificate(device.signingKey, {
      type: "user_update_certificate",
      author: device.deviceId,
      timestamp,
      userId,
      newProfile,
    });
    return connection.send(userUpdate, { userUpdateCertificate }, options);
  });
  switch (reply.status) {
    case "ok":
      await certificates.require({ common: timestamp }, options);
      return;
    case "user_no_changes":
      await certificates.poll(options);
      return;
    case "author_not_allowed":
      throw new ClientError("AUTHOR_NOT_ALLOWED");
    case "user_not_found":
      throw new ClientError("USER_NOT_FOUND");
    case "user_revoked":
      throw new ClientError("USER_REVOKED");
    default:
      throw new UnexpectedReplyError("user_update", reply.status);
  }
}
