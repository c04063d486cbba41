import type { ServerEventListener } from "@parsec/connection";
import type { ApiEvent } from "@parsec/protocol";
import type { ClientEvent } from "../session/events.ts";

/** The event that a server event becomes, if any (spec 09a §9.2). */
export function clientEventOf(event: ApiEvent): ClientEvent | undefined {
  switch (event.event) {
    case "PINGED":
      return { type: "server_ping", ping: event.ping };
    case "PKI_ENROLLMENT":
      return undefined;
    case "ORGANIZATION_CONFIG":
      return {
        type: "organization_config",
        config: {
          activeUsersLimit: event.activeUsersLimit,
          userProfileOutsiderAllowed: event.userProfileOutsiderAllowed,
          realmMinimumArchivingPeriodBeforeDeletion: Math.max(0, event.realmMinimumArchivingPeriodBeforeDeletion ?? 0),
        },
      };
    case "INVITATION":
      return { type: "invitation_changed", token: event.token, status: event.invitationStatus };
    case "GREETING_ATTEMPT_READY":
      return { type: "greeting_attempt_ready", token: event.token, greetingAttempt: event.greetingAttempt };
    case "GREETING_ATTEMPT_CANCELLED":
      return { type: "greeting_attempt_cancelled", token: event.token, greetingAttempt: event.greetingAttempt };
    case "GREETING_ATTEMPT_JOINED":
      return { type: "greeting_attempt_joined", token: event.token, greetingAttempt: event.greetingAttempt };
    case "ASYNC_ENROLLMENT":
      return { type: "async_enrollment_updated" };
    case "COMMON_CERTIFICATE":
      return { type: "certificates_announced", timestamps: { common: event.timestamp } };
    case "SEQUESTER_CERTIFICATE":
      return { type: "certificates_announced", timestamps: { sequester: event.timestamp } };
    case "SHAMIR_RECOVERY_CERTIFICATE":
      return { type: "certificates_announced", timestamps: { shamirRecovery: event.timestamp } };
    case "REALM_CERTIFICATE":
      return {
        type: "certificates_announced",
        timestamps: { realm: new Map([[event.realmId, event.timestamp]]) },
      };
    case "VLOB":
      return {
        type: "realm_vlob_updated",
        realmId: event.realmId,
        vlobId: event.vlobId,
        author: event.author,
        version: event.version,
      };
  }
}

/** Hands the events of the server on to the listeners of the session. */
export function serverEventListener(send: (event: ClientEvent) => void): ServerEventListener {
  return {
    onEvent(event) {
      const clientEvent = clientEventOf(event);
      if (clientEvent !== undefined) send(clientEvent);
    },
    onMissedEvents() {
      send({ type: "missed_server_events" });
    },
  };
}
