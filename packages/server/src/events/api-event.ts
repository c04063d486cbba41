import type { ApiEvent } from "@parsec/protocol";
import type { ServerConfig } from "../config.ts";
import type { OrganizationRow } from "../store/port/organizations.ts";
import type { ClientEvent } from "./event.ts";

/** What clients are told of an event. */
export function apiEventOf(event: ClientEvent): ApiEvent {
  switch (event.type) {
    case "PINGED":
      return { event: "PINGED", ping: event.ping };
    case "INVITATION":
      return { event: "INVITATION", token: event.token, invitationStatus: event.invitationStatus };
    case "GREETING_ATTEMPT_READY":
    case "GREETING_ATTEMPT_JOINED":
    case "GREETING_ATTEMPT_CANCELLED":
      return { event: event.type, token: event.token, greetingAttempt: event.greetingAttempt };
    case "COMMON_CERTIFICATE":
    case "SEQUESTER_CERTIFICATE":
      return { event: event.type, timestamp: event.timestamp };
    case "REALM_CERTIFICATE":
      return { event: "REALM_CERTIFICATE", timestamp: event.timestamp, realmId: event.realmId };
    case "VLOB": {
      const { type, organizationId: _organizationId, ...fields } = event;
      return { event: type, ...fields };
    }
    case "ASYNC_ENROLLMENT":
      return { event: "ASYNC_ENROLLMENT" };
  }
}

/** The first event of every stream (spec 08a §6.3). */
export function organizationConfigEvent(organization: OrganizationRow, config: ServerConfig): ApiEvent {
  return {
    event: "ORGANIZATION_CONFIG",
    userProfileOutsiderAllowed: organization.userProfileOutsiderAllowed,
    activeUsersLimit: organization.activeUsersLimit,
    sseKeepaliveSeconds: config.sseKeepalive,
    realmMinimumArchivingPeriodBeforeDeletion: organization.realmMinimumArchivingPeriodBeforeDeletion,
    allowedClientAgent: organization.allowedClientAgent,
  };
}
