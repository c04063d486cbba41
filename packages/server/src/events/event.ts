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

/** What a committed transaction tells every process of the server (spec 08a §6.1). Plain data only. */
export type ServerEvent = { readonly organizationId: OrganizationId } & (
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
  | InternalEvent
);

/** Never sent to clients: they close streams. */
type InternalEvent =
  | { readonly type: "ORGANIZATION_EXPIRED" | "ORGANIZATION_TOS_UPDATED" | "ORGANIZATION_REMOVED" }
  | { readonly type: "USER_REVOKED_OR_FROZEN"; readonly userId: UserId };

/** An event with the id that every process gives it. */
export interface DispatchedEvent {
  /** 32 lower-case hex digits. */
  readonly eventId: string;
  readonly event: ServerEvent;
}
