import { orAbort, type Timer } from "@parsec/base";
import type { SessionContext } from "../session/context.ts";
import { type Failure, failureOf } from "./failures.ts";
import { isNews } from "./news.ts";
import { Pause } from "./pause.ts";

/** What a monitor needs of its session. */
export type MonitorContext = Pick<SessionContext, "clock" | "diagnostics" | "signal"> & {
  readonly events: Pick<SessionContext["events"], "send" | "onAny">;
};

/** One background action of a session. */
export interface MonitorRules {
  readonly name: string;
  /** Runs after each trigger; triggers that come while it runs are one more run. */
  readonly action: (options: { readonly signal: AbortSignal }) => Promise<void>;
  /** Called when {@link Monitor.isRunning} or {@link Monitor.failure} may be another. */
  readonly onChange?: (() => void) | undefined;
}

/**
 * Runs an action when triggered, one run at a time. What fails is done again: after a pause, which grows, or as soon as
 * there are news that may have mended it. Nothing ends it but the end of the session.
 */
export class Monitor {
  readonly #context: MonitorContext;
  readonly #rules: MonitorRules;
  readonly #stopListening: () => void;
  readonly #pause = new Pause();
  #isTriggered = false;
  #isRunning = false;
  #timer: Timer | undefined;

  constructor(context: MonitorContext, rules: MonitorRules) {
    this.#context = context;
    this.#rules = rules;
    this.#stopListening = context.events.onAny((event) => {
      if (isNews(event) && this.failure !== undefined) this.#retry();
    });
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Why it waits. */
  get failure(): Failure | undefined {
    return this.#pause.failure(this.#nowMs);
  }

  /** When the next run comes by itself, in milliseconds of the clock; infinite when news are needed. */
  get nextTry(): number {
    return this.#pause.until;
  }

  /** What keeps everything goes on to do so: who triggers does not know whether it is gone. */
  trigger(): void {
    this.#isTriggered = true;
    if (this.failure?.scope !== "session") this.#retry();
  }

  /** Ends the run under way, whatever it waits for, and any later one. The session must be closing. */
  stop(): void {
    this.#stopListening();
    this.#timer?.cancel();
  }

  #start(): void {
    if (this.#isRunning || this.#context.signal.aborted) return;
    this.#timer?.cancel();
    this.#isTriggered = false;
    this.#isRunning = true;
    this.#rules.onChange?.();
    void this.#run().finally(() => {
      this.#isRunning = false;
      if (this.#isTriggered && this.failure === undefined) this.#start();
      else this.#rules.onChange?.();
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#context;
    try {
      await orAbort(this.#rules.action({ signal }), signal);
      this.#pause.end();
    } catch (error) {
      if (!signal.aborted) this.#failed(failureOf(error));
    }
  }

  #failed(failure: Failure): void {
    const { name } = this.#rules;
    const { clock, diagnostics, events } = this.#context;
    diagnostics({ area: "client", event: "monitor_failed", fields: { monitor: name, code: failure.code } });
    if (failure.isBug) events.send({ type: "monitor_crashed", monitor: name, error: failure.error });
    this.#pause.begin(failure, this.#nowMs);
    this.#isTriggered = true;
    const waitMs = this.nextTry - this.#nowMs;
    if (Number.isFinite(waitMs)) this.#timer = clock.timer(waitMs, () => this.#retry());
  }

  #retry(): void {
    this.#pause.interrupt();
    this.#start();
  }

  get #nowMs(): number {
    return this.#context.clock.now() / 1000;
  }
}
