import {
  AccessToken,
  Bool,
  Bytes,
  type Codec,
  DateTime,
  DeviceId,
  GreetingAttemptId,
  InvitationStatus,
  list,
  nullable,
  OrganizationId,
  Str,
  taggedUnion,
  UserId,
  Version,
  VlobId,
} from "@parsec/types";
import type { ServerEvent } from "./event.ts";

const ofOrganization = { organizationId: OrganizationId };
const greeting = {
  ...ofOrganization,
  token: AccessToken,
  greetingAttempt: GreetingAttemptId,
  greeter: UserId,
};
const certificate = { ...ofOrganization, timestamp: DateTime };

/** How processes of one server tell each other an event. */
export const ServerEventCodec: Codec<ServerEvent> = taggedUnion("type", {
  PINGED: { ...ofOrganization, ping: Str },
  INVITATION: {
    ...ofOrganization,
    token: AccessToken,
    invitationStatus: InvitationStatus,
    greeters: list(UserId),
  },
  GREETING_ATTEMPT_READY: greeting,
  GREETING_ATTEMPT_JOINED: greeting,
  GREETING_ATTEMPT_CANCELLED: greeting,
  COMMON_CERTIFICATE: certificate,
  SEQUESTER_CERTIFICATE: certificate,
  REALM_CERTIFICATE: { ...certificate, realmId: VlobId, userId: UserId, roleRemoved: Bool },
  VLOB: {
    ...ofOrganization,
    realmId: VlobId,
    vlobId: VlobId,
    author: DeviceId,
    timestamp: DateTime,
    version: Version,
    blob: nullable(Bytes),
    lastCommonCertificateTimestamp: DateTime,
    lastRealmCertificateTimestamp: DateTime,
  },
  ASYNC_ENROLLMENT: ofOrganization,
  ORGANIZATION_EXPIRED: ofOrganization,
  ORGANIZATION_TOS_UPDATED: ofOrganization,
  ORGANIZATION_REMOVED: ofOrganization,
  USER_REVOKED_OR_FROZEN: { ...ofOrganization, userId: UserId },
});
