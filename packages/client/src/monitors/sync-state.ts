import type { ParsecError } from "@parsec/base";
import { DateTime, type VlobId } from "@parsec/types";
import type { SessionContext } from "../session/context.ts";

/** An entry that cannot be synchronized now, while all others can. */
export interface SetAsideEntry {
  readonly id: VlobId;
  /** Where it is on this device; `undefined` when no folder leads to it. */
  readonly path: string | undefined;
  /** The code of the error that keeps it. */
  readonly reason: string;
  readonly since: DateTime;
  /** When it is tried again by itself, at the latest. */
  readonly nextTry: DateTime;
}

/**
 * How background work stands: that of one workspace, or that of the session (certificates, the list of workspaces).
 *
 * - `idle`: nothing to do, as far as this device knows.
 * - `working`: something is under way, or will be within a moment.
 * - `waiting`: nothing can be done now, for `reason`: the code of an error, such as `OFFLINE`, `USER_MUST_ACCEPT_TOS`,
 *   `STORAGE_FULL` or `READ_ONLY`. It goes on by itself when that is gone.
 */
export interface MonitorState {
  readonly status: "idle" | "working" | "waiting";
  /** Only while waiting. */
  readonly reason?: string | undefined;
  /** Only while waiting for something to pass: what happened, and what to do. */
  readonly error?: ParsecError | undefined;
  /** Since when the status, and its reason, are what they are. */
  readonly since: DateTime;
  /** Only while waiting: when it is tried again without any news, at the latest; absent when news are needed. */
  readonly nextTry?: DateTime | undefined;
  /** Entries that do not keep the others; always empty for a session. */
  readonly setAside: readonly SetAsideEntry[];
}

/** What a {@link StateCell} is told. */
export interface StateChange {
  readonly status: MonitorState["status"];
  readonly reason?: string | undefined;
  readonly error?: ParsecError | undefined;
  /** Microseconds; infinite when only news help. */
  readonly nextTry?: number | undefined;
  /** Another value each time that the entries set aside are others. */
  readonly edition?: number | undefined;
}

type StateContext = Pick<SessionContext, "clock"> & { readonly events: Pick<SessionContext["events"], "send"> };

/** The state of one part of a session, which the application hears of when it changes. */
export class StateCell {
  readonly #context: StateContext;
  readonly #realmId: VlobId | undefined;
  readonly #setAside: () => readonly SetAsideEntry[];
  #last: StateChange & { readonly since: DateTime };

  /** `realmId` undefined: the session itself. */
  constructor(context: StateContext, realmId?: VlobId, setAside: () => readonly SetAsideEntry[] = () => []) {
    this.#context = context;
    this.#realmId = realmId;
    this.#setAside = setAside;
    this.#last = { status: "idle", since: DateTime.now(context.clock) };
  }

  get state(): MonitorState {
    const { status, reason, error, since, nextTry } = this.#last;
    const isTimed = nextTry !== undefined && Number.isFinite(nextTry);
    return {
      status,
      since,
      setAside: this.#setAside(),
      ...(reason === undefined ? {} : { reason }),
      ...(error === undefined ? {} : { error }),
      ...(isTimed ? { nextTry: DateTime.fromMicros(nextTry) } : {}),
    };
  }

  set(change: StateChange): void {
    const { status, reason, nextTry, edition, since } = this.#last;
    const isSame = change.status === status && change.reason === reason;
    if (isSame && change.nextTry === nextTry && change.edition === edition) return;
    this.#last = { ...change, since: isSame ? since : DateTime.now(this.#context.clock) };
    this.#context.events.send({ type: "sync_state_changed", realmId: this.#realmId, state: this.state });
  }
}
