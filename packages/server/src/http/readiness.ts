import { type Clock, delay } from "@parsec/base";
import { BlockId, OrganizationId, VlobId } from "@parsec/types";
import type { ServerContext } from "../context.ts";
import type { EventHub } from "../events/hub.ts";
import type { Route } from "./app.ts";
import { jsonResponse } from "./response.ts";

export type PortState = "ok" | "unavailable";

/** Whether a server can serve, and what keeps it from it. */
export interface ReadinessReport {
  readonly status: "ready" | "not_ready" | "stopping";
  readonly database: PortState;
  readonly block_store: PortState;
}

/** Milliseconds after which what does not answer counts as away. */
const patience = 5000;

/** Looked for, whether or not there is one of that name. */
const probedOrganization = OrganizationId.parse("-readiness-");

/** Asks the database and the block store whether they answer. Whoever asks meanwhile gets the same report. */
export class Readiness {
  readonly #server: Pick<ServerContext, "store" | "blockStore">;
  readonly #hub: Pick<EventHub, "isClosed">;
  readonly #clock: Clock;
  #asking: Promise<ReadinessReport> | undefined;

  constructor(server: Pick<ServerContext, "store" | "blockStore">, hub: Pick<EventHub, "isClosed">, clock: Clock) {
    this.#server = server;
    this.#hub = hub;
    this.#clock = clock;
  }

  async report(): Promise<ReadinessReport> {
    // Strangers may ask, as often as they like: they cost one question at a time.
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    const report = await this.#asking;
    return this.#hub.isClosed ? { ...report, status: "stopping" } : report;
  }

  async #ask(): Promise<ReadinessReport> {
    const { store, blockStore } = this.#server;
    const [database, blocks] = await Promise.all([
      this.#answers(async () => {
        await store.transaction(async (tx) => {
          await tx.organizations.find(probedOrganization);
          return { end: "rollback", value: undefined };
        });
      }),
      this.#answers(async (signal) => {
        // A block that nobody has: the store must look for it all the same.
        const key = { organizationId: probedOrganization, realmId: VlobId.generate(), blockId: BlockId.generate() };
        await blockStore.has(key, { signal });
      }),
    ]);
    const status = database === "ok" && blocks === "ok" ? "ready" : "not_ready";
    return { status, database, block_store: blocks };
  }

  async #answers(ask: (signal: AbortSignal) => Promise<void>): Promise<PortState> {
    const over = new AbortController();
    const impatient = delay(this.#clock, patience, { signal: over.signal }).then(
      () => "unavailable" as const,
      () => "unavailable" as const,
    );
    const asked = ask(over.signal).then(
      () => "ok" as const,
      () => "unavailable" as const,
    );
    try {
      return await Promise.race([asked, impatient]);
    } finally {
      over.abort();
    }
  }
}

/** `/health`: the process answers. `/ready`: so do its database and block store; 503 when not, or when it is stopping. */
export function healthRoutes(readiness: Readiness): readonly Route[] {
  return [
    { path: "/health", methods: { GET: async () => jsonResponse(200, { status: "ok" }) } },
    {
      path: "/ready",
      methods: {
        GET: async () => {
          const report = await readiness.report();
          return jsonResponse(report.status === "ready" ? 200 : 503, report, { "Cache-Control": "no-store" });
        },
      },
    },
  ];
}
