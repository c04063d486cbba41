import { delay, ParsecError } from "@parsec/base";
import { ConnectionError } from "@parsec/connection";
import type { SessionContext } from "../session/context.ts";

/** What a monitor needs of its session. */
export type MonitorContext = Pick<SessionContext, "clock" | "diagnostics"> & {
  readonly events: Pick<SessionContext["events"], "send">;
  readonly connection: Pick<SessionContext["connection"], "state" | "onStateChange">;
};

/** How long after a failure for want of network the state is looked at again (spec 09a §9.1). */
const offlineDelayMs = 3000;

/** One background action of a session. */
export interface MonitorRules {
  readonly name: string;
  /** Runs after each trigger; triggers that come while it runs are one more run. */
  readonly action: (options: { readonly signal: AbortSignal }) => Promise<void>;
}

/**
 * Runs an action when triggered, one run at a time. Without network it waits for the server and tries again; an error
 * that the next trigger may mend is told and passed over; anything else ends it (spec 09a §9.1).
 */
export class Monitor {
  readonly #context: MonitorContext;
  readonly #rules: MonitorRules;
  readonly #stopped = new AbortController();
  #isTriggered = false;
  #running: Promise<void> | undefined;

  constructor(context: MonitorContext, rules: MonitorRules) {
    this.#context = context;
    this.#rules = rules;
  }

  trigger(): void {
    this.#isTriggered = true;
    if (this.#stopped.signal.aborted) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // A trigger may have come between the last look at it and here.
      if (this.#isTriggered) this.trigger();
    });
  }

  /** Ends the run under way, and any later one. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    try {
      while (this.#isTriggered && !signal.aborted) {
        this.#isTriggered = false;
        await this.#runOnce(signal);
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#stopped.abort();
      this.#context.events.send({ type: "monitor_crashed", monitor: this.#rules.name, error });
    }
  }

  async #runOnce(signal: AbortSignal): Promise<void> {
    try {
      await this.#rules.action({ signal });
    } catch (error) {
      if (signal.aborted || !ParsecError.is(error)) throw error;
      this.#tell(error.code);
      if (!(error instanceof ConnectionError)) return;
      await this.#reconnected(signal);
      this.#isTriggered = true;
    }
  }

  #tell(code: string): void {
    this.#context.diagnostics({ area: "client", event: "monitor_failed", fields: { monitor: this.#rules.name, code } });
  }

  async #reconnected(signal: AbortSignal): Promise<void> {
    const { clock, connection } = this.#context;
    await delay(clock, offlineDelayMs, { signal });
    if (connection.state.status === "online") return;
    await new Promise<void>((resolve, reject) => {
      const stop = connection.onStateChange((state) => {
        if (state.status !== "online") return;
        stop();
        resolve();
      });
      signal.addEventListener(
        "abort",
        () => {
          stop();
          reject(signal.reason);
        },
        { once: true },
      );
    });
  }
}
