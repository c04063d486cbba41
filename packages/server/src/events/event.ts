import { randomBytes, toHex } from "@parsec/base";
import type {
  AccessToken,
  DateTime,
  DeviceId,
  GreetingAttemptId,
  InvitationStatus,
  OrganizationId,
  UserId,
  VlobId,
} from "@parsec/types";

interface OfOrganization {
  readonly organizationId: OrganizationId;
}

/** What a committed transaction tells every process of the server (spec 08a §6.1). Plain data only. */
export type ServerEvent = ClientEvent | InternalEvent;

/** Told to the clients that it concerns. */
export type ClientEvent = OfOrganization &
  (
    | { readonly type: "PINGED"; readonly ping: string }
    | {
        readonly type: "INVITATION";
        readonly token: AccessToken;
        readonly invitationStatus: InvitationStatus;
        readonly greeters: readonly UserId[];
      }
    | {
        readonly type: "GREETING_ATTEMPT_READY" | "GREETING_ATTEMPT_JOINED" | "GREETING_ATTEMPT_CANCELLED";
        readonly token: AccessToken;
        readonly greetingAttempt: GreetingAttemptId;
        readonly greeter: UserId;
      }
    | { readonly type: "COMMON_CERTIFICATE" | "SEQUESTER_CERTIFICATE"; readonly timestamp: DateTime }
    | {
        readonly type: "REALM_CERTIFICATE";
        readonly timestamp: DateTime;
        readonly realmId: VlobId;
        /** Whom a role certificate is about; the author for the others. */
        readonly userId: UserId;
        /** A role certificate that takes the access away. */
        readonly roleRemoved: boolean;
      }
    | {
        readonly type: "VLOB";
        readonly realmId: VlobId;
        readonly vlobId: VlobId;
        readonly author: DeviceId;
        readonly timestamp: DateTime;
        readonly version: number;
        /** Null when it is too large for an event. */
        readonly blob: Uint8Array | null;
        readonly lastCommonCertificateTimestamp: DateTime;
        readonly lastRealmCertificateTimestamp: DateTime;
      }
    | { readonly type: "ASYNC_ENROLLMENT" }
  );

/** Never sent to clients: it closes streams. */
export type InternalEvent = OfOrganization &
  (
    | { readonly type: "ORGANIZATION_EXPIRED" | "ORGANIZATION_TOS_UPDATED" | "ORGANIZATION_REMOVED" }
    | { readonly type: "USER_REVOKED_OR_FROZEN"; readonly userId: UserId }
  );

const internalTypes: ReadonlySet<string> = new Set<InternalEvent["type"]>([
  "ORGANIZATION_EXPIRED",
  "ORGANIZATION_TOS_UPDATED",
  "ORGANIZATION_REMOVED",
  "USER_REVOKED_OR_FROZEN",
]);

export function isClientEvent(event: ServerEvent): event is ClientEvent {
  return !internalTypes.has(event.type);
}

/** The event under a fresh id. */
export function newlyDispatched(event: ServerEvent): DispatchedEvent {
  return { eventId: toHex(randomBytes(16)), event };
}

/** An event with the id that every process gives it. */
export interface DispatchedEvent<E extends ServerEvent = ServerEvent> {
  /** 32 lower-case hex digits. */
  readonly eventId: string;
  readonly event: E;
}
