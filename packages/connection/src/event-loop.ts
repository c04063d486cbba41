import type { Clock, Diagnostics, RandomSource } from "@parsec/base";
import type { ApiEvent, StreamEvent } from "@parsec/protocol";
import { ConnectionError, type RefusalReason } from "./errors.ts";
import type { EventSourceHandlers } from "./event-source.ts";
import { type StateHolder, stateOfError } from "./state.ts";

/** What a session does with the events of the server. Both are called synchronously, in order. */
export interface ServerEventListener {
  onEvent(event: ApiEvent): void;
  /** At the start, and when the server could not replay: anything may have changed. */
  onMissedEvents(): void;
}

/** Reads the stream once: the part of {@link readEvents} that the loop does not care about is filled in. */
export type OpenEvents = (
  handlers: EventSourceHandlers,
  options: { readonly lastEventId: string | undefined; readonly signal: AbortSignal },
) => Promise<void>;

export interface EventLoopPorts {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly diagnostics: Diagnostics;
  readonly state: StateHolder;
  /** How long the first event may take, in milliseconds. */
  readonly timeoutMs: number;
}

/** Seconds before attempt 0, 1, 2…; the last one for all later attempts (spec 05 §8.6). */
const delays = [0, 1, 5, 10, 30, 60];
/** Each delay is spread by so much, so that the clients of a restarted server do not come back all at once. */
const jitter = 0.2;
/** A keepalive may be late by so much (spec 05 §8.5). */
const keepaliveTolerance = 1.2;

/** Refusals that time or somebody may mend without a new login: the loop goes on. The others wait for `retryNow`. */
const passing: ReadonlySet<RefusalReason> = new Set(["USER_MUST_ACCEPT_TOS", "TOKEN_EXPIRED", "BAD_REPLY"]);

/** Keeps the stream of server events open and tells how it stands (spec 05 §8.6). Runs until it is stopped. */
export class EventLoop {
  readonly #open: OpenEvents;
  readonly #ports: EventLoopPorts;
  readonly #listener: ServerEventListener;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #attempt = 0;
  #lastEventId: string | undefined;
  #forcedDelayMs: number | undefined;
  #patienceMs: number | undefined;
  #wake: () => void = () => undefined;

  constructor(open: OpenEvents, ports: EventLoopPorts, listener: ServerEventListener) {
    this.#open = open;
    this.#ports = ports;
    this.#listener = listener;
    this.#patienceMs = ports.timeoutMs;
  }

  /** Calling it again changes nothing. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the wait between two attempts, or that of a loop which a refusal had brought to rest. */
  retryNow(): void {
    this.#wake();
  }

  /** Resolves when the socket is free. The state is offline then. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    this.#ports.state.set({ status: "offline" });
  }

  async #run(): Promise<void> {
    this.#notify((listener) => listener.onMissedEvents());
    let next: "soon" | "on request" = "soon";
    while (!this.#stopped.signal.aborted) {
      const woken = await this.#pause(next === "soon" ? this.#delayMs() : undefined);
      if (this.#stopped.signal.aborted) return;
      this.#attempt = woken ? 1 : this.#attempt + 1;
      next = await this.#listen();
    }
  }

  /** One connection, to its end. */
  async #listen(): Promise<"soon" | "on request"> {
    try {
      await this.#open(this.#handlers, { lastEventId: this.#lastEventId, signal: this.#stopped.signal });
      return "soon";
    } catch (error) {
      if (this.#stopped.signal.aborted) return "soon";
      if (!(error instanceof ConnectionError)) throw error;
      const state = stateOfError(error);
      this.#ports.state.set(state);
      this.#ports.diagnostics({ area: "connection", event: "events_lost", fields: { code: error.code } });
      const goesOn = state.status === "offline" || (state.status === "refused" && passing.has(state.reason));
      return goesOn ? "soon" : "on request";
    }
  }

  readonly #handlers: EventSourceHandlers = {
    patience: () => this.#patienceMs,
    onRetry: (ms) => {
      this.#forcedDelayMs = ms;
    },
    onEvent: (event, id) => {
      // Not when the stream opens: a middlebox that cuts each stream at once would be asked again without end.
      this.#attempt = 0;
      this.#lastEventId = id ?? this.#lastEventId;
      this.#dispatch(event);
    },
  };

  #dispatch(event: StreamEvent): void {
    if (event.kind === "missed_events") this.#notify((listener) => listener.onMissedEvents());
    if (event.kind === "unknown") this.#skipped();
    if (event.kind !== "reply") return;
    const { reply } = event;
    this.#ports.state.set({ status: "online" });
    if (reply.status !== "ok") return this.#skipped();
    if (reply.event === "ORGANIZATION_CONFIG") this.#setPatience(reply.sseKeepaliveSeconds);
    this.#notify((listener) => listener.onEvent(reply));
  }

  #setPatience(keepaliveSeconds: number | null): void {
    this.#patienceMs = keepaliveSeconds === null ? undefined : keepaliveSeconds * 1000 * keepaliveTolerance;
  }

  #skipped(): void {
    this.#ports.diagnostics({ area: "connection", event: "event_skipped" });
  }

  /** A failing listener must not end the loop: its error goes where the platform reports uncaught ones. */
  #notify(call: (listener: ServerEventListener) => void): void {
    try {
      call(this.#listener);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #delayMs(): number {
    const delayMs = this.#forcedDelayMs ?? 1000 * (delays[this.#attempt] ?? delays.at(-1) ?? 0);
    return delayMs * (1 - jitter + 2 * jitter * this.#ports.random.unit());
  }

  /** Waits so many milliseconds, or without end. True when {@link retryNow} ended it. */
  #pause(delayMs: number | undefined): Promise<boolean> {
    if (delayMs === 0) return Promise.resolve(false);
    const { signal } = this.#stopped;
    return new Promise((resolve) => {
      const end = (woken: boolean) => {
        timer?.cancel();
        signal.removeEventListener("abort", onStop);
        this.#wake = () => undefined;
        resolve(woken);
      };
      const onStop = () => end(false);
      const timer = delayMs === undefined ? undefined : this.#ports.clock.timer(delayMs, () => end(false));
      signal.addEventListener("abort", onStop, { once: true });
      this.#wake = () => end(true);
    });
  }
}
