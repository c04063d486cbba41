import { hasCode } from "@parsec/base";
import { isUpToDate } from "../certificates/topic.ts";
import { processNeeds } from "../realms/process-needs.ts";
import type { SessionContext } from "../session/context.ts";
import { Monitor } from "./monitor.ts";
import { serverEventListener } from "./server-events.ts";

/** What keeps a session in step with the server by itself (spec 09a §9). Workspaces have monitors of their own. */
export class Monitors {
  readonly #context: SessionContext;
  readonly #monitors: readonly Monitor[];
  readonly #unsubscribe: readonly (() => void)[];

  /** Starts them; the first connection to the server wakes them all. */
  constructor(context: SessionContext) {
    this.#context = context;
    const { events, certificates, workspaces, connection } = context;
    const poll = new Monitor(context, {
      name: "certificates",
      action: async (options) => {
        await certificates.poll(options);
      },
    });
    const refresh = new Monitor(context, {
      name: "workspaces_list",
      action: (options) => workspaces.refresh(options),
    });
    const bootstrap = new Monitor(context, {
      name: "workspaces_bootstrap",
      action: (options) => bootstrapWorkspaces(context, options),
    });
    const needs = new Monitor(context, { name: "realm_needs", action: (options) => processNeeds(context, options) });
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
    connection.startEvents(serverEventListener((event) => events.send(event)));
  }

  /** Waits for the actions under way to notice; not for the network. */
  async stop(): Promise<void> {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await Promise.all([this.#context.connection.stopEvents(), ...this.#monitors.map((monitor) => monitor.stop())]);
  }
}

/** Brings to the server the workspaces that only this device knows (spec 09a §7.5). */
export async function bootstrapWorkspaces(
  context: SessionContext,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  for (const { id, isBootstrapped } of context.workspaces.list()) {
    if (isBootstrapped) continue;
    try {
      await context.realms.ensureBootstrapped(id, options);
    } catch (error) {
      // Nothing that we could do for this one: the others must not wait for it.
      if (!hasCode(error, "AUTHOR_NOT_ALLOWED", "REALM_DELETED")) throw error;
    }
  }
}
