import { VerifyKey } from "@parsec/crypto";
import {
  DeviceCertificate,
  RevokedUserCertificate,
  SequesterAuthorityCertificate,
  UserCertificate,
  UserUpdateCertificate,
} from "@parsec/types";
import { jsonBool, jsonBytes, jsonNullable } from "../../http/json-fields.ts";
import { unverified } from "../../rules/certificate.ts";
import { enrollDevice, enrollUser, type NewUser, type NewUserCertificates } from "../../rules/new-user.ts";
import {
  authorOf,
  certificateOf,
  jsonUserId,
  type LoadContext,
  LoadError,
  type LoadOperation,
  mustHaveUser,
  timestampOf,
} from "./context.ts";

export const organizationBootstrap: LoadOperation = async (context) => {
  const { tx, organizationId, fields } = context;
  const on = timestampOf(context);
  fields.optional("bootstrap_token", (value) => value);
  const organization = await tx.organizations.find(organizationId);
  if (organization?.bootstrap !== null) throw new LoadError("The organization is already bootstrapped");
  const rootVerifyKey = fields.required("root_verify_key", jsonBytes);
  if (rootVerifyKey.length !== VerifyKey.size) throw new LoadError("root_verify_key is not a key");
  const certificate = fields.optional("sequester_authority_certificate", jsonNullable(jsonBytes)) ?? null;
  const authority = certificate === null ? null : unverified(SequesterAuthorityCertificate, certificate);
  if (authority === undefined) throw new LoadError("sequester_authority_certificate is of another type");
  const sequesterAuthority =
    certificate === null || authority === null ? null : { certificate, verifyKeyDer: authority.verifyKeyDer.toBytes() };
  await tx.organizations.setBootstrap(organizationId, { on, rootVerifyKey, sequesterAuthority });
  if (sequesterAuthority !== null) await tx.topics.advance(organizationId, "sequester", on);
  await loadUser(context);
};

export const userCreate: LoadOperation = async (context) => {
  await authorOf(context);
  const { timestamp } = await loadUser(context);
  const { tx, organizationId } = context;
  tx.emit({ type: "COMMON_CERTIFICATE", organizationId, timestamp });
};

async function loadUser(context: LoadContext): Promise<UserCertificate> {
  const { tx, organizationId } = context;
  timestampOf(context);
  const user = certificateOf(context, "user_certificate", UserCertificate);
  const device = certificateOf(context, "device_certificate", DeviceCertificate);
  const redactedUser = certificateOf(context, "redacted_user_certificate", UserCertificate);
  const redactedDevice = certificateOf(context, "redacted_device_certificate", DeviceCertificate);
  if ((await tx.users.find(organizationId, user.value.userId)) !== undefined) {
    throw new LoadError("The user exists already");
  }
  if (user.value.userId !== device.value.userId) throw new LoadError("The device is another user's");
  await mustBeNewDevice(context, device.value);
  const created: NewUser = { user: user.value, device: device.value };
  const bytes: NewUserCertificates = {
    userCertificate: user.bytes,
    deviceCertificate: device.bytes,
    redactedUserCertificate: redactedUser.bytes,
    redactedDeviceCertificate: redactedDevice.bytes,
  };
  await enrollUser({ tx, organizationId }, created, bytes);
  return user.value;
}

export const deviceCreate: LoadOperation = async (context) => {
  const { tx, organizationId } = context;
  timestampOf(context);
  await authorOf(context);
  const device = certificateOf(context, "device_certificate", DeviceCertificate);
  const redacted = certificateOf(context, "redacted_device_certificate", DeviceCertificate);
  await mustHaveUser(context, device.value.userId);
  await mustBeNewDevice(context, device.value);
  const bytes = { deviceCertificate: device.bytes, redactedDeviceCertificate: redacted.bytes };
  await enrollDevice({ tx, organizationId }, device.value, bytes);
  tx.emit({ type: "COMMON_CERTIFICATE", organizationId, timestamp: device.value.timestamp });
};

async function mustBeNewDevice({ tx, organizationId }: LoadContext, { deviceId }: DeviceCertificate): Promise<void> {
  if ((await tx.users.findDevice(organizationId, deviceId)) !== undefined)
    throw new LoadError("The device exists already");
}

export const userUpdate: LoadOperation = async (context) => {
  const { tx, organizationId } = context;
  timestampOf(context);
  const author = await authorOf(context);
  const { value, bytes } = certificateOf(context, "user_update_certificate", UserUpdateCertificate);
  const { userId, newProfile: profile, timestamp } = value;
  await mustHaveUser(context, userId);
  const certified = { certificate: bytes, certifiedBy: author.deviceId, certifiedOn: timestamp };
  await tx.users.setProfile(organizationId, { userId, profile, ...certified });
  await tx.topics.advance(organizationId, "common", timestamp);
  tx.emit({ type: "COMMON_CERTIFICATE", organizationId, timestamp });
};

export const userRevoke: LoadOperation = async (context) => {
  const { tx, organizationId } = context;
  timestampOf(context);
  const author = await authorOf(context);
  const { value, bytes } = certificateOf(context, "revoked_user_certificate", RevokedUserCertificate);
  const { userId, timestamp } = value;
  await mustHaveUser(context, userId);
  await tx.users.setRevoked(organizationId, userId, { on: timestamp, by: author.deviceId, certificate: bytes });
  await tx.topics.advance(organizationId, "common", timestamp);
  tx.emit({ type: "COMMON_CERTIFICATE", organizationId, timestamp });
  tx.emit({ type: "USER_REVOKED_OR_FROZEN", organizationId, userId });
};

export const userFreeze: LoadOperation = async (context) => {
  const { tx, organizationId, fields } = context;
  const userId = fields.required("user_id", jsonUserId);
  const frozen = fields.required("frozen", jsonBool);
  await mustHaveUser(context, userId);
  await tx.users.setFrozen(organizationId, userId, frozen);
  if (frozen) tx.emit({ type: "USER_REVOKED_OR_FROZEN", organizationId, userId });
};

export const tosAccept: LoadOperation = async (context) => {
  const { tx, organizationId, fields } = context;
  const userId = fields.required("user_id", jsonUserId);
  await mustHaveUser(context, userId);
  await tx.users.setTosAccepted(organizationId, userId, timestampOf(context));
};
