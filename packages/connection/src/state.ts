import { BugError, callListener } from "@parsec/base";
import { type ConnectionError, OfflineError, type RefusalReason, RefusedError } from "./errors.ts";
import { type ConnectionRemedy, connectionRemedies } from "./remedy.ts";

/**
 * How it stands with the server (architecture §5): the single truth for a frontend. Whatever it is, the event stream is
 * tried again; `waitsFor` says what would help, and `error` what happened.
 */
export type ConnectionState =
  /**
   * With `events: "delayed"` the server answers commands, but its event stream does not come through: changes of others
   * arrive at the next attempt to open it, a minute or so later.
   */
  | { readonly status: "online"; readonly events?: "delayed" }
  /** Before the first attempt, and after a stop, there is neither an error nor anything to wait for. */
  | {
      readonly status: "offline";
      readonly error?: OfflineError | BugError;
      readonly waitsFor?: ConnectionRemedy | null;
    }
  | {
      readonly status: "incompatible";
      readonly error: ConnectionError;
      readonly waitsFor: ConnectionRemedy | null;
    }
  | {
      readonly status: "refused";
      readonly reason: RefusalReason;
      readonly error: ConnectionError;
      readonly waitsFor: ConnectionRemedy | null;
    };

/** The state that an error of the event stream leads to. */
export function stateOfError(error: ConnectionError | BugError): ConnectionState {
  if (error instanceof BugError) return { status: "offline", error, waitsFor: null };
  const waitsFor = connectionRemedies[error.code];
  if (error instanceof OfflineError) return { status: "offline", error, waitsFor };
  if (error instanceof RefusedError) return { status: "refused", reason: error.reason, error, waitsFor };
  return { status: "incompatible", error, waitsFor };
}

/** A state that can be watched. Listeners are called in order, synchronously, on each change. */
export class StateHolder {
  #state: ConnectionState = { status: "offline" };
  readonly #listeners = new Set<(state: ConnectionState) => void>();

  get state(): ConnectionState {
    return this.#state;
  }

  set(state: ConnectionState): void {
    const isSame = isSameState(state, this.#state);
    // Who asks is given the last error, also where it is the same kind again and nobody is told.
    this.#state = state;
    if (isSame) return;
    for (const listener of [...this.#listeners]) callListener(() => listener(state));
  }

  /** Calls `listener` on each change, until the returned function is called. */
  onChange(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}

function isSameState(a: ConnectionState, b: ConnectionState): boolean {
  if (a.status === "refused" && b.status === "refused") return a.reason === b.reason;
  if (a.status === "offline" && b.status === "offline") return offlineKind(a.error) === offlineKind(b.error);
  if (a.status === "incompatible" && b.status === "incompatible") return a.error.code === b.error.code;
  if (a.status === "online" && b.status === "online") return a.events === b.events;
  return a.status === b.status;
}

function offlineKind(error: OfflineError | BugError | undefined): string | undefined {
  return error instanceof OfflineError ? error.reason : error?.code;
}
