import type { PublicKey, VerifyKey } from "@parsec/crypto";
import { userCreate } from "@parsec/protocol";
import {
  type DateTime,
  type DeviceCertificate,
  DeviceId,
  type DeviceLabel,
  type HumanHandle,
  type InviteUserConfirmation,
  type LocalDevice,
  redactedDeviceCertificate,
  redactedUserCertificate,
  signCertificate,
  type UserCertificate,
  UserId,
  type UserProfile,
} from "@parsec/types";
import { UnexpectedReplyError } from "../errors.ts";
import { timestampOffset, withGreaterTimestamp } from "../session/greater-timestamp.ts";
import { InvitationError } from "./errors.ts";
import type { GreetContext } from "./greeting/greeter.ts";

export interface NewUser {
  readonly humanHandle: HumanHandle;
  readonly deviceLabel: DeviceLabel;
  readonly profile: UserProfile;
  /** The keys that the claimer made. */
  readonly publicKey: PublicKey;
  readonly verifyKey: VerifyKey;
}

/**
 * Creates a user and its first device (spec 09b §4.6); gives what to tell the claimer. Every try has ids of its own.
 * @throws InvitationError USER_CREATE_NOT_ALLOWED, ACTIVE_USERS_LIMIT_REACHED, HUMAN_HANDLE_TAKEN, USER_ALREADY_EXISTS;
 * ClockDriftError, GreaterTimestampError, ConnectionError, UnexpectedReplyError
 */
export async function createUser(
  context: GreetContext,
  user: NewUser,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<InviteUserConfirmation> {
  const { device, connection } = context;
  let ids = { userId: UserId.generate(), deviceId: DeviceId.generate() };
  const { reply } = await withGreaterTimestamp(context, timestampOffset.common, (timestamp) => {
    ids = { userId: UserId.generate(), deviceId: DeviceId.generate() };
    return connection.send(userCreate, signNewUser(device, user, ids, timestamp), options);
  });
  switch (reply.status) {
    case "ok":
      break;
    case "author_not_allowed":
      throw new InvitationError("USER_CREATE_NOT_ALLOWED");
    case "active_users_limit_reached":
      throw new InvitationError("ACTIVE_USERS_LIMIT_REACHED");
    case "human_handle_already_taken":
      throw new InvitationError("HUMAN_HANDLE_TAKEN");
    case "user_already_exists":
      throw new InvitationError("USER_ALREADY_EXISTS");
    default:
      throw new UnexpectedReplyError("user_create", reply.status);
  }
  const { humanHandle, deviceLabel, profile } = user;
  const { rootVerifyKey } = device;
  return { type: "invite_user_confirmation", ...ids, deviceLabel, humanHandle, profile, rootVerifyKey };
}

export interface NewIds {
  readonly userId: UserId;
  readonly deviceId: DeviceId;
}

/** The certificates of a new user and its first device, and what OUTSIDERs see of them. */
export function signNewUser(
  { signingKey, deviceId: author }: Pick<LocalDevice, "signingKey" | "deviceId">,
  user: NewUser,
  { userId, deviceId }: NewIds,
  timestamp: DateTime,
) {
  const userCertificate: UserCertificate = {
    type: "user_certificate",
    author,
    timestamp,
    userId,
    humanHandle: user.humanHandle,
    publicKey: user.publicKey,
    algorithm: "X25519_XSALSA20_POLY1305",
    profile: user.profile,
  };
  const deviceCertificate: DeviceCertificate = {
    type: "device_certificate",
    purpose: "STANDARD",
    author,
    timestamp,
    userId,
    deviceId,
    deviceLabel: user.deviceLabel,
    verifyKey: user.verifyKey,
    algorithm: "ED25519",
  };
  return {
    userCertificate: signCertificate(signingKey, userCertificate),
    deviceCertificate: signCertificate(signingKey, deviceCertificate),
    redactedUserCertificate: signCertificate(signingKey, redactedUserCertificate(userCertificate)),
    redactedDeviceCertificate: signCertificate(signingKey, redactedDeviceCertificate(deviceCertificate)),
  };
}
