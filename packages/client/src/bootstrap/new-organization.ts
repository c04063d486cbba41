import { PrivateKey, SecretKey, type SequesterVerifyKey, SigningKey } from "@parsec/crypto";
import type { OrganizationBootstrapRequest } from "@parsec/protocol";
import {
  type BootstrapAddress,
  type DateTime,
  type DeviceCertificate,
  DeviceId,
  type DeviceLabel,
  type HumanHandle,
  type LocalDevice,
  redactedDeviceCertificate,
  redactedUserCertificate,
  signCertificate,
  toServerAddress,
  type UserCertificate,
  UserId,
  VlobId,
} from "@parsec/types";

/** What the first user says. */
export interface FirstUser {
  readonly humanHandle: HumanHandle;
  readonly deviceLabel: DeviceLabel;
  readonly sequesterAuthorityKey: SequesterVerifyKey | undefined;
}

/** A device of an organization that no server knows yet, and the key that nobody will have after the bootstrap. */
export interface NewOrganization {
  readonly device: LocalDevice;
  readonly rootSigningKey: SigningKey;
}

/** Makes all keys and ids of an organization and of its first device. */
export function newOrganization(address: BootstrapAddress, { humanHandle, deviceLabel }: FirstUser): NewOrganization {
  const rootSigningKey = SigningKey.generate();
  const device: LocalDevice = {
    type: "local_device",
    serverUrl: toServerAddress(address),
    organizationId: address.organizationId,
    rootVerifyKey: rootSigningKey.verifyKey,
    userId: UserId.generate(),
    deviceId: DeviceId.generate(),
    deviceLabel,
    humanHandle,
    signingKey: SigningKey.generate(),
    privateKey: PrivateKey.generate(),
    initialProfile: "ADMIN",
    userRealmId: VlobId.generate(),
    userRealmKey: SecretKey.generate(),
    localSymkey: SecretKey.generate(),
  };
  return { device, rootSigningKey };
}

/** The request that creates the organization: everything is signed by root, at one date (spec 04 §1.4). */
export function bootstrapRequest(
  { device, rootSigningKey }: NewOrganization,
  { token }: BootstrapAddress,
  sequesterAuthorityKey: SequesterVerifyKey | undefined,
  timestamp: DateTime,
): Omit<OrganizationBootstrapRequest, "cmd"> {
  const { userId, deviceId, humanHandle, deviceLabel } = device;
  const common = { author: null, timestamp, userId };
  const user: UserCertificate = {
    type: "user_certificate",
    ...common,
    humanHandle,
    publicKey: device.privateKey.publicKey,
    algorithm: "X25519_XSALSA20_POLY1305",
    profile: device.initialProfile,
  };
  const first: DeviceCertificate = {
    type: "device_certificate",
    purpose: "STANDARD",
    ...common,
    deviceId,
    deviceLabel,
    verifyKey: device.signingKey.verifyKey,
    algorithm: "ED25519",
  };
  return {
    bootstrapToken: token,
    rootVerifyKey: rootSigningKey.verifyKey,
    userCertificate: signCertificate(rootSigningKey, user),
    deviceCertificate: signCertificate(rootSigningKey, first),
    redactedUserCertificate: signCertificate(rootSigningKey, redactedUserCertificate(user)),
    redactedDeviceCertificate: signCertificate(rootSigningKey, redactedDeviceCertificate(first)),
    sequesterAuthorityCertificate:
      sequesterAuthorityKey === undefined
        ? null
        : signCertificate(rootSigningKey, {
            type: "sequester_authority_certificate",
            timestamp,
            verifyKeyDer: sequesterAuthorityKey,
          }),
  };
}
