import { requireSignal } from "./argument.ts";
import { callListener } from "./listener.ts";

/**
 * Throws `signal.reason` when the signal is aborted, as `fetch` does.
 * @throws InvalidArgumentError when it is no signal
 */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  requireSignal("signal", signal);
  if (signal?.aborted) throw signal.reason;
}

interface Listeners {
  readonly waiting: Set<() => void>;
  readonly fire: () => void;
}

/** Kept with the signal, and no longer. */
const listenersOf = /* @__PURE__ */ new WeakMap<AbortSignal, Listeners>();

/**
 * Calls `listener` once when the signal aborts; not if it has aborted before. Gives what takes it away again, to be
 * called in the end: a signal may outlive many operations.
 *
 * All listeners of a signal share one of the platform's, since Node takes more than ten for a leak and says so.
 * @throws InvalidArgumentError when it is no signal
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  requireSignal("signal", signal);
  if (signal === undefined || signal.aborted) return () => undefined;
  const { waiting, fire } = listenersOf.get(signal) ?? listenTo(signal);
  // The same function may wait for one signal more than once.
  const entry = () => listener();
  waiting.add(entry);
  return () => {
    if (!waiting.delete(entry) || waiting.size > 0) return;
    listenersOf.delete(signal);
    signal.removeEventListener("abort", fire);
  };
}

function listenTo(signal: AbortSignal): Listeners {
  const waiting = new Set<() => void>();
  const fire = () => {
    listenersOf.delete(signal);
    for (const listener of waiting) {
      waiting.delete(listener);
      callListener(listener);
    }
  };
  const listeners = { waiting, fire };
  listenersOf.set(signal, listeners);
  signal.addEventListener("abort", fire, { once: true });
  return listeners;
}

/** The promise, or a rejection with `signal.reason` as soon as the signal aborts. The work itself is not stopped. */
export function orAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  // Nobody waits for the work once the signal has aborted: its failure must not become an unhandled rejection.
  promise.catch(() => undefined);
  return new Promise<T>((resolve, reject) => {
    throwIfAborted(signal);
    const stopListening = onAbort(signal, () => reject(signal.reason));
    promise.then(resolve, reject).finally(stopListening);
  });
}

/** A signal that follows others until it is released. */
export interface JoinedSignals {
  /** Aborts with the reason of the first of them, or as told. */
  readonly signal: AbortSignal;
  abort(reason: unknown): void;
  /** To be called in the end: a signal may outlive many operations. Idempotent. */
  release(): void;
}

/**
 * A signal that aborts with the first of `sources`. Not `AbortSignal.any`: in Node 20 each one stays in memory as long
 * as its longest-lived source.
 */
export function joinSignals(...sources: readonly (AbortSignal | undefined)[]): JoinedSignals {
  const joined = new AbortController();
  const aborted = sources.find((source) => source?.aborted);
  if (aborted !== undefined) joined.abort(aborted.reason);
  const stops = sources.map((source) => onAbort(source, () => joined.abort(source?.reason)));
  return {
    signal: joined.signal,
    abort: (reason) => joined.abort(reason),
    release: () => {
      for (const stop of stops) stop();
    },
  };
}
