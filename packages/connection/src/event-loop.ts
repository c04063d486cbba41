import { BugError, type Clock, callListener, type Diagnostics, onAbort, type RandomSource } from "@parsec/base";
import { type ApiEvent, lastEventIdHeader, type StreamEvent } from "@parsec/protocol";
import { Backoff } from "./backoff.ts";
import { ConnectionError, OfflineError, type OfflineReason } from "./errors.ts";
import type { EventSourceHandlers } from "./event-source.ts";
import { type StateHolder, stateOfError } from "./state.ts";

/** What a session does with the events of the server. Both are called synchronously, in order. */
export interface ServerEventListener {
  onEvent(event: ApiEvent): void;
  /**
   * Anything may have changed: look for it. At the start; when the server could not replay; when a stream has opened
   * that does not begin where another one ended; and after each attempt that failed while commands may still pass, such
   * as at a proxy that holds streams back.
   */
  onMissedEvents(): void;
}

/** Reads the stream once: the part of {@link readEvents} that the loop does not care about is filled in. */
export type OpenEvents = (
  handlers: EventSourceHandlers,
  options: {
    readonly lastEventId: string | undefined;
    readonly signal: AbortSignal;
    /** How long the answer may take, in milliseconds. */
    readonly timeoutMs: number;
  },
) => Promise<void>;

export interface EventLoopPorts {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly diagnostics: Diagnostics;
  readonly state: StateHolder;
  /** How long the first event may take at most, in milliseconds. */
  readonly timeoutMs: number;
}

/** Servers send the first event at once: one that does not come soon is held back on the way. */
const firstEventMs = 10_000;
/** Slow networks are given more at each further attempt, up to this. */
const mostFirstEventMs = 30_000;
/** A keepalive may be late by so much (spec 05 §8.5). */
const keepaliveTolerance = 1.2;

/**
 * Keeps the stream of server events open and tells how it stands (spec 05 §8.6). Nothing ends it but `stop`: whatever
 * the server or something on the way answers, it may answer otherwise later.
 */
export class EventLoop {
  readonly #open: OpenEvents;
  readonly #ports: EventLoopPorts;
  readonly #listener: ServerEventListener;
  readonly #stopped = new AbortController();
  readonly #backoff: Backoff;
  #running: Promise<void> | undefined;
  #lastEventId: string | undefined;
  /** Of an open stream, in milliseconds; `undefined`: without limit. */
  #patienceMs: number | undefined;
  #firstEventMs: number;
  /** The attempt under way has brought an event of the server's. */
  #isLive = false;
  /** No event has come since an attempt that failed in a way that says nothing of commands. */
  #isHeldBack = false;
  /** A command was answered since the last attempt began. */
  #isAnswered = false;
  #isRetryAsked = false;
  #wake: () => void = () => undefined;

  constructor(open: OpenEvents, ports: EventLoopPorts, listener: ServerEventListener) {
    this.#open = open;
    this.#ports = ports;
    this.#listener = listener;
    this.#backoff = new Backoff(ports.clock, ports.random);
    this.#firstEventMs = firstEventMs;
  }

  /** Calling it again changes nothing. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Ends the wait before the next attempt, now or when it comes. */
  retryNow(): void {
    this.#isRetryAsked = true;
    this.#wake();
  }

  /** The server has answered a command of this device: it is there, whether its events come through or not. */
  commandAnswered(): void {
    this.#isAnswered = true;
    if (this.#isHeldBack) this.#ports.state.set({ status: "online", events: "delayed" });
  }

  /** Resolves when the socket is free. The state is offline then. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    this.#ports.state.set({ status: "offline" });
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    this.#tellMissed();
    while (!signal.aborted) {
      await this.#pause(this.#backoff.nextDelayMs());
      if (signal.aborted) return;
      this.#backoff.begin({ anew: this.#isRetryAsked });
      this.#isRetryAsked = false;
      await this.#listen();
    }
  }

  /** One connection, to its end. */
  async #listen(): Promise<void> {
    const { signal } = this.#stopped;
    this.#isLive = false;
    const lastEventId = this.#lastEventId;
    const timeoutMs = Math.min(this.#ports.timeoutMs, this.#firstEventMs);
    try {
      await this.#open(this.#handlersAfter(lastEventId), { lastEventId, signal, timeoutMs });
      if (!this.#isLive)
        throw new OfflineError("The stream of events ended before its first one", { reason: "broken" });
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
    } finally {
      this.#backoff.end();
    }
  }

  #failed(error: unknown): void {
    // Whatever it is: an event loop that has ended is noticed by nobody.
    const known = error instanceof ConnectionError ? error : new BugError("The event loop failed", { cause: error });
    this.#ports.diagnostics({ area: "connection", event: "events_lost", fields: { code: known.code } });
    this.#firstEventMs = this.#isLive ? firstEventMs : Math.min(this.#firstEventMs + firstEventMs, mostFirstEventMs);
    this.#isLive = false;
    this.#isHeldBack = leavesCommands(known);
    const passes = this.#isHeldBack && this.#isAnswered;
    this.#isAnswered = false;
    this.#ports.state.set(passes ? { status: "online", events: "delayed" } : stateOfError(known));
    if (this.#isHeldBack) this.#tellMissed();
  }

  #handlersAfter(lastEventId: string | undefined): EventSourceHandlers {
    const isReplayed = lastEventId !== undefined && lastEventIdHeader(lastEventId) !== "";
    return {
      patience: () => (this.#isLive ? this.#patienceMs : Math.min(this.#ports.timeoutMs, this.#firstEventMs)),
      onRetry: (ms) => this.#backoff.force(ms),
      onEvent: (event, id) => {
        const isFirst = !this.#isLive;
        this.#dispatch(event);
        this.#lastEventId = id ?? this.#lastEventId;
        // Without an id to go on from, what came between our last look and this stream is not replayed.
        if (isFirst && this.#isLive && !isReplayed) this.#tellMissed();
      },
    };
  }

  #dispatch(event: StreamEvent): void {
    if (event.kind === "missed_events") this.#tellMissed();
    if (event.kind === "unknown") this.#skipped();
    if (event.kind !== "reply") return;
    const { reply } = event;
    this.#isLive = true;
    this.#isHeldBack = false;
    this.#firstEventMs = firstEventMs;
    this.#backoff.succeeded();
    this.#ports.state.set({ status: "online" });
    if (reply.status !== "ok") return this.#skipped();
    if (reply.event === "ORGANIZATION_CONFIG") this.#setPatience(reply.sseKeepaliveSeconds);
    callListener(() => this.#listener.onEvent(reply));
  }

  #setPatience(keepaliveSeconds: number | null): void {
    this.#patienceMs = keepaliveSeconds === null ? undefined : keepaliveSeconds * 1000 * keepaliveTolerance;
  }

  #tellMissed(): void {
    callListener(() => this.#listener.onMissedEvents());
  }

  #skipped(): void {
    this.#ports.diagnostics({ area: "connection", event: "event_skipped" });
  }

  /** Waits so many milliseconds, or until {@link retryNow} is called, or has been since the last attempt began. */
  #pause(delayMs: number): Promise<void> {
    if (delayMs === 0 || this.#isRetryAsked) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        timer.cancel();
        stopListening();
        this.#wake = () => undefined;
        resolve();
      };
      const timer = this.#ports.clock.timer(delayMs, end);
      const stopListening = onAbort(this.#stopped.signal, end);
      this.#wake = end;
    });
  }
}

/** Where these keep the stream from the server, they keep commands from it too. */
const cutOff: ReadonlySet<OfflineReason> = new Set(["dns", "refused", "unreachable", "tls", "cors"]);

/** Whether commands may pass all the same. What a Parsec server refuses here, it refuses to them as well. */
function leavesCommands(error: ConnectionError | BugError): boolean {
  if (error instanceof OfflineError && cutOff.has(error.reason)) return false;
  return !(error instanceof ConnectionError && error.isFromParsec);
}
