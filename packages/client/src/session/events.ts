import { callListener } from "@parsec/base";
import type { ConnectionState } from "@parsec/connection";
import type {
  AccessToken,
  ActiveUsersLimit,
  DeviceId,
  GreetingAttemptId,
  InvitationStatus,
  VlobId,
} from "@parsec/types";
import type { TopicTimestamps } from "../certificates/topic.ts";
import type { InvalidCertificateError } from "../certificates/violation.ts";
import type { ClockDriftError } from "../errors.ts";
import type { MonitorState } from "../monitors/sync-state.ts";

/** Everything that a session tells, told apart by `type` (spec 09a §10.2). */
export type ClientEvent =
  /** The first of a session: only `parsec.events` can hear it. */
  | { readonly type: "session_started"; readonly deviceId: DeviceId }
  /** The last: all is stopped, and the device free. */
  | { readonly type: "session_closed"; readonly deviceId: DeviceId }
  | { readonly type: "connection"; readonly state: ConnectionState }
  /** Start of the session, or events were lost: everything may have changed. */
  | { readonly type: "missed_server_events" }
  /** What the server says of the organization, at each connection. */
  | { readonly type: "organization_config"; readonly config: OrganizationConfig }
  /** The server says that it has these; a poll follows. */
  | { readonly type: "certificates_announced"; readonly timestamps: TopicTimestamps }
  | { readonly type: "new_certificates"; readonly count: number }
  | { readonly type: "invalid_certificate"; readonly error: InvalidCertificateError }
  | { readonly type: "clock_drift"; readonly error: ClockDriftError }
  | { readonly type: "invitation_changed"; readonly token: AccessToken; readonly status: InvitationStatus }
  | { readonly type: GreetingEventType; readonly token: AccessToken; readonly greetingAttempt: GreetingAttemptId }
  | { readonly type: "async_enrollment_updated" }
  /** Somebody tries the event stream out: only servers for tests let them. */
  | { readonly type: "server_ping"; readonly ping: string }
  | {
      readonly type: "realm_vlob_updated";
      readonly realmId: VlobId;
      readonly vlobId: VlobId;
      readonly version: number;
      readonly author: DeviceId;
    }
  | { readonly type: "workspaces_changed" }
  | { readonly type: "workspace_created_locally"; readonly realmId: VlobId }
  | { readonly type: WorkspaceEventType; readonly realmId: VlobId; readonly entryId: VlobId }
  | {
      readonly type: "sync_progress";
      readonly realmId: VlobId;
      readonly entryId: VlobId;
      readonly blocks: number;
      readonly blockIndex: number;
      readonly blocksize: number;
    }
  /**
   * The server gives an older version than it once gave to this device, of an entry or of what happened in the workspace
   * (`entryId` undefined): it was restored from a backup, or hides something. What is here stays.
   */
  | {
      readonly type: "server_went_back";
      readonly realmId: VlobId;
      readonly entryId: VlobId | undefined;
      readonly known: number;
      readonly given: number;
    }
  /** How background work stands: that of a workspace, or that of the session (`realmId` undefined). */
  | { readonly type: "sync_state_changed"; readonly realmId: VlobId | undefined; readonly state: MonitorState }
  /**
   * Background work met an error of the SDK itself: please report it. It goes on, but for what it met: the entry of that
   * workspace, or this run of that monitor.
   */
  | {
      readonly type: "monitor_crashed";
      readonly monitor: string;
      readonly realmId?: VlobId | undefined;
      readonly entryId?: VlobId | undefined;
      readonly error: unknown;
    };

export type GreetingEventType = "greeting_attempt_ready" | "greeting_attempt_cancelled" | "greeting_attempt_joined";

/** Sent by the workspace area, for one entry. */
export type WorkspaceEventType =
  | "outbound_sync_needed"
  | "outbound_sync_started"
  | "outbound_sync_aborted"
  | "outbound_sync_done"
  | "inbound_sync_done"
  | "watched_entry_changed";

/** What the server last said about the organization (spec 09a §11). */
export interface OrganizationConfig {
  readonly activeUsersLimit: ActiveUsersLimit;
  readonly userProfileOutsiderAllowed: boolean;
  /** Seconds. */
  readonly realmMinimumArchivingPeriodBeforeDeletion: number;
}

type EventOf<T extends ClientEvent["type"]> = Extract<ClientEvent, { readonly type: T }>;

/** Listening to a session: by callback, or as an async iterator. */
export interface SessionEvents extends AsyncIterable<ClientEvent> {
  /** Calls `listener` for each event of that type, synchronously, until the returned function is called. */
  on<T extends ClientEvent["type"]>(type: T, listener: (event: EventOf<T>) => void): () => void;
  /** Calls `listener` for each event. */
  onAny(listener: (event: ClientEvent) => void): () => void;
}

/** The one event bus of a session: typed, synchronous, in order. A failing listener never breaks the sender. */
export class EventHub implements SessionEvents {
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  readonly #wakers = new Set<() => void>();
  #isEnded = false;

  send(event: ClientEvent): void {
    for (const listener of [...this.#listeners]) {
      callListener(() => listener(event));
    }
  }

  /** Nothing more comes: the iterators end once they have given what was sent. */
  end(): void {
    this.#isEnded = true;
    for (const wake of this.#wakers) wake();
  }

  on<T extends ClientEvent["type"]>(type: T, listener: (event: EventOf<T>) => void): () => void {
    return this.onAny((event) => {
      if (isOfType(event, type)) listener(event);
    });
  }

  onAny(listener: (event: ClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ClientEvent, void, undefined> {
    const queue: ClientEvent[] = [];
    let wake = () => {};
    const wakeUp = () => wake();
    const stop = this.onAny((event) => {
      queue.push(event);
      wake();
    });
    this.#wakers.add(wakeUp);
    try {
      for (;;) {
        const event = queue.shift();
        if (event !== undefined) {
          yield event;
        } else if (this.#isEnded) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      stop();
      this.#wakers.delete(wakeUp);
    }
  }
}

function isOfType<T extends ClientEvent["type"]>(event: ClientEvent, type: T): event is EventOf<T> {
  return event.type === type;
}
