import {
  AccessToken,
  ActiveUsersLimit,
  Bool,
  Bytes,
  DateTime,
  DeviceId,
  GreetingAttemptId,
  type Infer,
  Integer,
  InvitationStatus,
  NonZeroInteger,
  nullable,
  optional,
  Str,
  taggedUnion,
  Version,
  VlobId,
} from "@parsec/types";
import { command, type ReplyOf, type RequestOf } from "../command.ts";
import { AllowedClientAgent } from "../shared/allowed-client-agent.ts";

/** An event of the server. Its kinds, receivers and occasions: spec 05 §8.7. */
export const ApiEvent = /* @__PURE__ */ taggedUnion("event", {
  PINGED: { ping: Str },
  ORGANIZATION_CONFIG: {
    userProfileOutsiderAllowed: Bool,
    activeUsersLimit: ActiveUsersLimit,
    sseKeepaliveSeconds: /* @__PURE__ */ nullable(NonZeroInteger),
    realmMinimumArchivingPeriodBeforeDeletion: /* @__PURE__ */ optional(Integer),
    allowedClientAgent: /* @__PURE__ */ optional(AllowedClientAgent),
  },
  INVITATION: { token: AccessToken, invitationStatus: InvitationStatus },
  GREETING_ATTEMPT_READY: { token: AccessToken, greetingAttempt: GreetingAttemptId },
  GREETING_ATTEMPT_CANCELLED: { token: AccessToken, greetingAttempt: GreetingAttemptId },
  GREETING_ATTEMPT_JOINED: { token: AccessToken, greetingAttempt: GreetingAttemptId },
  PKI_ENROLLMENT: {},
  ASYNC_ENROLLMENT: {},
  COMMON_CERTIFICATE: { timestamp: DateTime },
  SEQUESTER_CERTIFICATE: { timestamp: DateTime },
  SHAMIR_RECOVERY_CERTIFICATE: { timestamp: DateTime },
  REALM_CERTIFICATE: { timestamp: DateTime, realmId: VlobId },
  VLOB: {
    realmId: VlobId,
    vlobId: VlobId,
    author: DeviceId,
    timestamp: DateTime,
    version: Version,
    blob: /* @__PURE__ */ nullable(Bytes),
    lastCommonCertificateTimestamp: DateTime,
    lastRealmCertificateTimestamp: DateTime,
  },
});
export type ApiEvent = Infer<typeof ApiEvent>;

/**
 * The type of the events of the event stream (spec 05 §8): each one is an `ok` reply of this command. Nobody sends
 * it as a request; the server answers 500 to one (spec 05 §13.1).
 */
export const eventsListen = /* @__PURE__ */ command("authenticated", "events_listen", () => ({
  request: {},
  replies: {
    ok: ApiEvent,
    not_available: {},
  },
}));
export type EventsListenRequest = RequestOf<typeof eventsListen>;
export type EventsListenReply = ReplyOf<typeof eventsListen>;
