import type { Clock } from "@parsec/base";
import { PrivateKey, SigningKey } from "@parsec/crypto";
import { deviceCreate, organizationBootstrap } from "@parsec/protocol";
import {
  type BootstrapAddress,
  DateTime,
  type DeviceCertificate,
  DeviceId,
  DeviceLabel,
  HumanHandle,
  type OrganizationAddress,
  redactedDeviceCertificate,
  redactedUserCertificate,
  signCertificate,
  toOrganizationAddress,
  UserId,
} from "@parsec/types";
import {
  AnonymousConnection,
  AuthenticatedConnection,
  type AuthenticatedConnectionOptions,
  type Transport,
} from "../../src/index.ts";

/** A device of a real organization: what a connection needs. */
export type RealDevice = Pick<AuthenticatedConnectionOptions, "address" | "deviceId" | "signingKey" | "transport"> & {
  readonly userId: UserId;
  readonly clock: Clock;
};

/** Bootstraps an organization with its first user, through the connection under test. */
export async function bootstrap(address: BootstrapAddress, transport: Transport, clock: Clock): Promise<RealDevice> {
  const rootKey = SigningKey.generate();
  const signingKey = SigningKey.generate();
  const userId = UserId.generate();
  const deviceId = DeviceId.generate();
  const common = { author: null, timestamp: DateTime.now(clock), userId };
  const user = {
    type: "user_certificate",
    ...common,
    humanHandle: HumanHandle.parse("alice@example.com", "Alice"),
    publicKey: PrivateKey.generate().publicKey,
    algorithm: "X25519_XSALSA20_POLY1305",
    profile: "ADMIN",
  } as const;
  const device = { ...common, ...deviceFields(deviceId, signingKey) };
  const reply = await new AnonymousConnection({ address, transport, clock }).send(organizationBootstrap, {
    bootstrapToken: address.token,
    rootVerifyKey: rootKey.verifyKey,
    userCertificate: signCertificate(rootKey, user),
    deviceCertificate: signCertificate(rootKey, device),
    redactedUserCertificate: signCertificate(rootKey, redactedUserCertificate(user)),
    redactedDeviceCertificate: signCertificate(rootKey, redactedDeviceCertificate(device)),
    sequesterAuthorityCertificate: null,
  });
  if (reply.status !== "ok") throw new Error(`bootstrap: ${reply.status}`);
  return { address: toOrganizationAddress(address, rootKey.verifyKey), deviceId, signingKey, transport, userId, clock };
}

/** Adds a device of the same user. */
export async function addDevice(author: RealDevice): Promise<RealDevice> {
  const signingKey = SigningKey.generate();
  const deviceId = DeviceId.generate();
  const certificate: DeviceCertificate = {
    author: author.deviceId,
    timestamp: DateTime.now(author.clock),
    userId: author.userId,
    ...deviceFields(deviceId, signingKey),
  };
  const reply = await new AuthenticatedConnection(author).send(deviceCreate, {
    deviceCertificate: signCertificate(author.signingKey, certificate),
    redactedDeviceCertificate: signCertificate(author.signingKey, redactedDeviceCertificate(certificate)),
  });
  if (reply.status !== "ok") throw new Error(`device_create: ${reply.status}`);
  return { ...author, deviceId, signingKey };
}

function deviceFields(deviceId: DeviceId, signingKey: SigningKey) {
  return {
    type: "device_certificate",
    purpose: "STANDARD",
    deviceId,
    deviceLabel: DeviceLabel.parse("laptop"),
    verifyKey: signingKey.verifyKey,
    algorithm: "ED25519",
  } as const;
}

/** The same organization, reached through somebody in the middle. */
export function through(address: OrganizationAddress, url: string): OrganizationAddress {
  return { ...address, hostname: "127.0.0.1", port: Number(new URL(url).port) };
}
