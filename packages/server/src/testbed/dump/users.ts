import { BugError, toBase64 } from "@parsec/base";
import type { DeviceRow, UserRow } from "../../store/port/users.ts";
import { byDate, type DumpContext, type DumpedOperation } from "./operation.ts";

/** The bootstrap, the common topic in its order, then what has no certificate. */
export async function userOperations({
  tx,
  organizationId,
  organization,
}: DumpContext): Promise<readonly DumpedOperation[]> {
  const { bootstrap, bootstrapToken } = organization;
  if (bootstrap === null) return [];
  const users = await tx.users.list(organizationId);
  const devices = await tx.users.devices(organizationId);
  const firstDevice = (user: UserRow): DeviceRow => {
    const device = devices.find(({ userId }) => userId === user.userId);
    if (device === undefined) throw new BugError("A user has no device");
    return device;
  };
  const firstDevices = new Set(users.map((user) => firstDevice(user).deviceId));
  const [founder, ...others] = users;
  if (founder === undefined) throw new BugError("A bootstrapped organization has no user");
  const certificates = (user: UserRow) => ({
    user_certificate: toBase64(user.certificate),
    device_certificate: toBase64(firstDevice(user).certificate),
    redacted_user_certificate: toBase64(user.redactedCertificate),
    redacted_device_certificate: toBase64(firstDevice(user).redactedCertificate),
  });
  const authority = bootstrap.sequesterAuthority;
  return [
    {
      op: "organization_bootstrap",
      timestamp: bootstrap.on,
      bootstrap_token: bootstrapToken,
      root_verify_key: toBase64(bootstrap.rootVerifyKey),
      ...certificates(founder),
      sequester_authority_certificate: authority && toBase64(authority.certificate),
    },
    ...byDate([
      ...others.map((user) => ({
        op: "user_create",
        timestamp: user.createdOn,
        author: user.certifiedBy,
        ...certificates(user),
      })),
      ...devices
        .filter(({ deviceId }) => !firstDevices.has(deviceId))
        .map((device) => ({
          op: "device_create",
          timestamp: device.createdOn,
          author: device.certifiedBy,
          device_certificate: toBase64(device.certificate),
          redacted_device_certificate: toBase64(device.redactedCertificate),
        })),
      ...(await tx.users.profileUpdates(organizationId)).map((update) => ({
        op: "user_update",
        timestamp: update.certifiedOn,
        author: update.certifiedBy,
        user_update_certificate: toBase64(update.certificate),
      })),
      ...users.flatMap(({ revocation }) =>
        revocation === null
          ? []
          : [
              {
                op: "user_revoke",
                timestamp: revocation.on,
                author: revocation.by,
                revoked_user_certificate: toBase64(revocation.certificate),
              },
            ],
      ),
    ]),
    ...users.filter(({ frozen }) => frozen).map(({ userId }) => ({ op: "user_freeze", user_id: userId, frozen: true })),
    ...users.flatMap(({ userId, tosAcceptedOn }) =>
      tosAcceptedOn === null ? [] : [{ op: "tos_accept", timestamp: tosAcceptedOn, user_id: userId }],
    ),
  ];
}
