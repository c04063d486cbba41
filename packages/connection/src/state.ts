import { type ConnectionError, OfflineError, type RefusalReason, RefusedError } from "./errors.ts";

/** How it stands with the server, as the event stream sees it (architecture §5): the single truth for a frontend. */
export type ConnectionState =
  | { readonly status: "online" }
  /** `error` is absent before the first attempt and after a stop. */
  | { readonly status: "offline"; readonly error?: OfflineError }
  | { readonly status: "incompatible"; readonly error: ConnectionError }
  | { readonly status: "refused"; readonly reason: RefusalReason; readonly error: ConnectionError };

/** The state that an error of the event stream leads to. */
export function stateOfError(error: ConnectionError): ConnectionState {
  if (error instanceof OfflineError) return { status: "offline", error };
  if (error instanceof RefusedError) return { status: "refused", reason: error.reason, error };
  return { status: "incompatible", error };
}

/** A state that can be watched. Listeners are called in order, synchronously, on each change. */
export class StateHolder {
  #state: ConnectionState = { status: "offline" };
  readonly #listeners = new Set<(state: ConnectionState) => void>();

  get state(): ConnectionState {
    return this.#state;
  }

  set(state: ConnectionState): void {
    if (isSameState(state, this.#state)) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
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
  if (a.status === "offline" && b.status === "offline") return (a.error === undefined) === (b.error === undefined);
  return a.status === b.status;
}
