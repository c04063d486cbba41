import type { VerifyKey } from "@parsec/crypto";
import { DeviceCertificate, type DeviceId, shownHumanHandle, UserCertificate } from "@parsec/types";
import type { OrganizationScope } from "../commands/scope.ts";
import { signedBy } from "./certificate.ts";
import { outOfBallpark } from "./timestamp.ts";

/** The four certificates that make a user with its first device, as a request holds them. */
export interface NewUserCertificates {
  readonly userCertificate: Uint8Array;
  readonly deviceCertificate: Uint8Array;
  readonly redactedUserCertificate: Uint8Array;
  readonly redactedDeviceCertificate: Uint8Array;
}

/** The two certificates that make a device. */
export type NewDeviceCertificates = Pick<NewUserCertificates, "deviceCertificate" | "redactedDeviceCertificate">;

export interface NewUser {
  readonly user: UserCertificate;
  readonly device: DeviceCertificate;
}

/** Who must have signed: a device, or the organization's root key (null). */
export interface Signer {
  readonly key: VerifyKey;
  readonly author: DeviceId | null;
}

const invalid = { status: "invalid_certificate" } as const;

/**
 * Checks 2 to 6 of user_create (spec 08b §5.2): the two certificates, or the error reply. The first user of an
 * organization must also be an ADMIN.
 */
export function checkNewUser(
  scope: Pick<OrganizationScope, "server" | "now">,
  { key, author }: Signer,
  request: NewUserCertificates,
  options: { readonly mustBeAdmin?: boolean } = {},
) {
  const device = signedBy(key, author, DeviceCertificate, request.deviceCertificate);
  const user = signedBy(key, author, UserCertificate, request.userCertificate);
  const redactedUser = signedBy(key, author, UserCertificate, request.redactedUserCertificate);
  const redactedDevice = signedBy(key, author, DeviceCertificate, request.redactedDeviceCertificate);
  if (!device || !user || !redactedUser || !redactedDevice) return invalid;
  if (options.mustBeAdmin === true && user.profile !== "ADMIN") return invalid;
  if (user.timestamp !== device.timestamp) return invalid;
  const drift = outOfBallpark(scope, user.timestamp);
  if (drift !== undefined) return drift;
  if (user.userId !== device.userId) return invalid;
  if (!isRedactedUser(user, redactedUser) || !isRedactedDevice(device, redactedDevice)) return invalid;
  return { user, device };
}

/** Spec 08b §9. */
export function isRedactedUser(full: UserCertificate, redacted: UserCertificate): boolean {
  return (
    redacted.humanHandle === null &&
    redacted.author === full.author &&
    redacted.timestamp === full.timestamp &&
    redacted.userId === full.userId &&
    redacted.publicKey.equals(full.publicKey) &&
    redacted.algorithm === full.algorithm &&
    redacted.profile === full.profile
  );
}

/** Spec 08b §9. */
export function isRedactedDevice(full: DeviceCertificate, redacted: DeviceCertificate): boolean {
  return (
    redacted.deviceLabel === null &&
    redacted.author === full.author &&
    redacted.timestamp === full.timestamp &&
    redacted.purpose === full.purpose &&
    redacted.userId === full.userId &&
    redacted.deviceId === full.deviceId &&
    redacted.verifyKey.equals(full.verifyKey) &&
    redacted.algorithm === full.algorithm
  );
}

/** No active user has the e-mail of the new one (spec 08b §5.2): else the error reply. */
export async function emailTaken({ tx, organizationId }: OrganizationScope, { user }: NewUser) {
  const { email } = shownHumanHandle(user);
  const holder = await tx.users.findActiveByEmail(organizationId, email);
  return holder === undefined ? undefined : ({ status: "human_handle_already_taken" } as const);
}

/** The organization may have one more active user, whatever the profile: else the error reply. */
export async function limitReached({ tx, organizationId, organization }: OrganizationScope) {
  const limit = organization.activeUsersLimit;
  const isFull = limit !== null && limit <= (await tx.users.countActive(organizationId));
  return isFull ? ({ status: "active_users_limit_reached" } as const) : undefined;
}

/** Neither the user nor the device exists: else the error reply. */
export async function idsTaken({ tx, organizationId }: OrganizationScope, { user, device }: NewUser) {
  const known =
    (await tx.users.find(organizationId, user.userId)) ?? (await tx.users.findDevice(organizationId, device.deviceId));
  return known === undefined ? undefined : ({ status: "user_already_exists" } as const);
}

type EnrollScope = Pick<OrganizationScope, "tx" | "organizationId">;

/** The effect of user_create: the user and its first device exist. The common topic must be locked. */
export async function enrollUser(scope: EnrollScope, { user, device }: NewUser, bytes: NewUserCertificates) {
  const { tx, organizationId } = scope;
  const handle = shownHumanHandle(user);
  await tx.users.insert(organizationId, {
    userId: user.userId,
    humanHandle: (await tx.users.findHuman(organizationId, handle.email)) ?? handle,
    initialProfile: user.profile,
    currentProfile: user.profile,
    certificate: bytes.userCertificate,
    redactedCertificate: bytes.redactedUserCertificate,
    certifiedBy: user.author,
    createdOn: user.timestamp,
    revocation: null,
    frozen: false,
    tosAcceptedOn: null,
  });
  await enrollDevice(scope, device, bytes);
}

/** The effect of device_create. The common topic must be locked. */
export async function enrollDevice(scope: EnrollScope, device: DeviceCertificate, bytes: NewDeviceCertificates) {
  const { tx, organizationId } = scope;
  await tx.users.insertDevice(organizationId, {
    deviceId: device.deviceId,
    userId: device.userId,
    verifyKey: device.verifyKey.toBytes(),
    certificate: bytes.deviceCertificate,
    redactedCertificate: bytes.redactedDeviceCertificate,
    certifiedBy: device.author,
    createdOn: device.timestamp,
  });
  await tx.topics.advance(organizationId, "common", device.timestamp);
}
