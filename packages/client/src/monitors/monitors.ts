import { hasCode } from "@parsec/base";
import { isUpToDate } from "../certificates/topic.ts";
import { forEachRealm } from "../realms/for-each-realm.ts";
import { processNeeds } from "../realms/process-needs.ts";
import type { SessionContext } from "../session/context.ts";
import { Monitor } from "./monitor.ts";
import { serverEventListener } from "./server-events.ts";
import { type MonitorState, StateCell } from "./sync-state.ts";

/** What keeps a session in step with the server by itself (spec 09a §9). Workspaces have engines of their own. */
export class Monitors {
  readonly #context: SessionContext;
  readonly #monitors: readonly Monitor[];
  readonly #state: StateCell;
  readonly #unsubscribe: readonly (() => void)[];

  constructor(context: SessionContext) {
    this.#context = context;
    this.#state = new StateCell(context);
    const { events, certificates, workspaces, connection } = context;
    const onChange = () => this.#tell();
    const poll = new Monitor(context, {
      name: "certificates",
      action: async (options) => {
        await certificates.poll(options);
      },
      onChange,
    });
    const refresh = new Monitor(context, {
      name: "workspaces_list",
      action: (options) => workspaces.refresh(options),
      onChange,
    });
    const bootstrap = new Monitor(context, {
      name: "workspaces_bootstrap",
      action: (options) => bootstrapWorkspaces(context, options),
      onChange,
    });
    const needs = new Monitor(context, {
      name: "realm_needs",
      action: (options) => processNeeds(context, options),
      onChange,
    });
    this.#monitors = [poll, refresh, bootstrap, needs];
    this.#unsubscribe = [
      events.on("missed_server_events", () => {
        for (const monitor of this.#monitors) monitor.trigger();
      }),
      events.on("certificates_announced", ({ timestamps }) => {
        if (!isUpToDate(certificates.view.lastTimestamps, timestamps)) poll.trigger();
      }),
      events.on("new_certificates", () => {
        refresh.trigger();
        needs.trigger();
      }),
      events.on("workspace_created_locally", () => bootstrap.trigger()),
      connection.onStateChange((state) => events.send({ type: "connection", state })),
    ];
  }

  /** The first connection to the server wakes them all. */
  start(): void {
    const { connection, events } = this.#context;
    connection.startEvents(serverEventListener((event) => events.send(event)));
  }

  get state(): MonitorState {
    return this.#state.state;
  }

  /** Ends what is under way, at once. Resolves when the connection is free. */
  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const monitor of this.#monitors) monitor.stop();
    await this.#context.connection.stopEvents();
  }

  #tell(): void {
    const waiting = this.#monitors.find(({ failure }) => failure !== undefined);
    const failure = waiting?.failure;
    if (waiting !== undefined && failure !== undefined) {
      const { code: reason, error } = failure;
      this.#state.set({ status: "waiting", reason, error, nextTry: waiting.nextTry * 1000 });
    } else {
      this.#state.set({ status: this.#monitors.some(({ isRunning }) => isRunning) ? "working" : "idle" });
    }
  }
}

/** Brings to the server the workspaces that only this device knows (spec 09a §7.5). */
export async function bootstrapWorkspaces(
  context: SessionContext,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const ids = context.workspaces.list().filter(({ isBootstrapped }) => !isBootstrapped);
  await forEachRealm(
    ids.map(({ id }) => id),
    async (id) => {
      try {
        await context.realms.ensureBootstrapped(id, options);
      } catch (error) {
        // Nothing that we could do for this one.
        if (!hasCode(error, "AUTHOR_NOT_ALLOWED", "REALM_DELETED", "WORKSPACE_NOT_FOUND")) throw error;
      }
    },
  );
}
