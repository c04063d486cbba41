import type { Missing } from "./coverage.ts";

/** Our event for one of the reference: its `type`, our names for its fields, and what tells it from others of the type. */
export interface EventCoverage {
  readonly type: string;
  readonly when?: string;
  /** The reference's name of a field, and the path to it in our event. */
  readonly fields?: Readonly<Record<string, string>>;
}

const refused = (reason: string, fields?: Readonly<Record<string, string>>): EventCoverage => ({
  type: "connection",
  when: `\`state.reason\` is \`${reason}\``,
  ...(fields === undefined ? {} : { fields }),
});

const clockDrift = Object.fromEntries(
  ["serverTimestamp", "clientTimestamp", "ballparkClientEarlyOffset", "ballparkClientLateOffset"].map((name) => [
    name,
    `error.${name}`,
  ]),
);

export const events: Readonly<Record<string, EventCoverage | Missing>> = {
  AsyncEnrollmentUpdated: { type: "async_enrollment_updated" },
  ClientErrorResponse: {
    type: "connection",
    when: "`state.status` is `refused`, for another reason than those below",
    fields: { errorType: "RefusedError.reason" },
  },
  ClientStarted: { type: "session_started" },
  ClientStopped: { type: "session_closed" },
  ExpiredOrganization: refused("ORGANIZATION_EXPIRED"),
  FrozenSelfUser: refused("USER_FROZEN"),
  GreetingAttemptCancelled: { type: "greeting_attempt_cancelled" },
  GreetingAttemptJoined: { type: "greeting_attempt_joined" },
  GreetingAttemptReady: { type: "greeting_attempt_ready" },
  IncompatibleServer: {
    type: "connection",
    when: "`state.status` is `incompatible`",
    fields: {
      apiVersion: "IncompatibleServerError.clientVersion",
      supportedApiVersion: "IncompatibleServerError.supportedVersions",
    },
  },
  InvalidCertificate: { type: "invalid_certificate", fields: { detail: "error.message" } },
  InvitationAlreadyUsedOrDeleted: {
    type: "connection",
    when: "`state.error.status` is 410; no server says so to a device, and claimers hear it as an error",
  },
  InvitationChanged: { type: "invitation_changed" },
  MustAcceptTos: refused("USER_MUST_ACCEPT_TOS"),
  Offline: { type: "connection", when: "`state.status` is `offline`" },
  Online: { type: "connection", when: "`state.status` is `online`" },
  OrganizationNotFound: refused("ORGANIZATION_NOT_FOUND"),
  Ping: { type: "server_ping" },
  RevokedSelfUser: refused("USER_REVOKED"),
  ServerConfigChanged: { type: "organization_config" },
  ServerInvalidResponseContent: refused("BAD_REPLY", { protocolDecodeError: "BadReplyError.message" }),
  ServerInvalidResponseStatus: refused("UNEXPECTED_STATUS", { statusCode: "RefusedError.status" }),
  TooMuchDriftWithServerClock: { type: "clock_drift", fields: clockDrift },
  WebClientNotAllowedByOrganization: refused("WEB_CLIENT_NOT_ALLOWED"),
  WorkspaceLocallyCreated: { type: "workspace_created_locally" },
  WorkspaceOpsInboundSyncDone: { type: "inbound_sync_done" },
  WorkspaceOpsOutboundSyncAborted: { type: "outbound_sync_aborted" },
  WorkspaceOpsOutboundSyncDone: { type: "outbound_sync_done" },
  WorkspaceOpsOutboundSyncProgress: { type: "sync_progress" },
  WorkspaceOpsOutboundSyncStarted: { type: "outbound_sync_started" },
  WorkspaceWatchedEntryChanged: { type: "watched_entry_changed" },
  WorkspacesSelfListChanged: { type: "workspaces_changed" },
};
