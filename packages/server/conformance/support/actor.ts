import { PrivateKey, SigningKey } from "@parsec/crypto";
import {
  type DateTime,
  type DeviceCertificate,
  DeviceId,
  DeviceLabel,
  HumanHandle,
  redactedDeviceCertificate,
  redactedUserCertificate,
  signCertificate,
  type UserCertificate,
  UserId,
  type UserProfile,
} from "@parsec/types";

/** A user's device, and its keys. */
export interface Actor {
  readonly userId: UserId;
  readonly deviceId: DeviceId;
  readonly signingKey: SigningKey;
  readonly handle: HumanHandle;
}

/** The four certificates of a new user, as requests hold them. */
export interface UserCertificates {
  readonly userCertificate: Uint8Array;
  readonly deviceCertificate: Uint8Array;
  readonly redactedUserCertificate: Uint8Array;
  readonly redactedDeviceCertificate: Uint8Array;
}

/** What to change in the certificates, to make wrong ones. */
export interface CertificateChanges {
  readonly user?: Partial<UserCertificate>;
  readonly device?: Partial<DeviceCertificate>;
  readonly redactedUser?: Partial<UserCertificate>;
  readonly redactedDevice?: Partial<DeviceCertificate>;
}

/** Who signs: a device, or the root key (null). */
export interface Signer {
  readonly key: SigningKey;
  readonly author: DeviceId | null;
}

let people = 0;

/** A human that no other test knows. */
export function freshHandle(): HumanHandle {
  people += 1;
  return HumanHandle.parse(`person${people}-${Date.now()}@example.com`, `Person ${people}`);
}

export function freshActor(handle: HumanHandle = freshHandle(), userId: UserId = UserId.generate()): Actor {
  return { userId, deviceId: DeviceId.generate(), signingKey: SigningKey.generate(), handle };
}

export function userCertificates(
  actor: Actor,
  { key, author }: Signer,
  { timestamp, profile }: { readonly timestamp: DateTime; readonly profile: UserProfile },
  changes: CertificateChanges = {},
): UserCertificates {
  const user: UserCertificate = {
    type: "user_certificate",
    author,
    timestamp,
    userId: actor.userId,
    humanHandle: actor.handle,
    publicKey: PrivateKey.generate().publicKey,
    algorithm: "X25519_XSALSA20_POLY1305",
    profile,
    ...changes.user,
  };
  const { device, redacted } = deviceCertificates(actor, { key, author }, timestamp, changes);
  const redactedUser = { ...redactedUserCertificate(user), ...changes.redactedUser };
  return {
    userCertificate: signCertificate(key, user),
    deviceCertificate: device,
    redactedUserCertificate: signCertificate(key, redactedUser),
    redactedDeviceCertificate: redacted,
  };
}

export function deviceCertificates(
  actor: Actor,
  { key, author }: Signer,
  timestamp: DateTime,
  changes: Pick<CertificateChanges, "device" | "redactedDevice"> = {},
): { readonly device: Uint8Array; readonly redacted: Uint8Array } {
  const device: DeviceCertificate = {
    type: "device_certificate",
    purpose: "STANDARD",
    author,
    timestamp,
    userId: actor.userId,
    deviceId: actor.deviceId,
    deviceLabel: DeviceLabel.parse("laptop"),
    verifyKey: actor.signingKey.verifyKey,
    algorithm: "ED25519",
    ...changes.device,
  };
  const redacted = { ...redactedDeviceCertificate(device), ...changes.redactedDevice };
  return { device: signCertificate(key, device), redacted: signCertificate(key, redacted) };
}
