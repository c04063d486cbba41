import { hasCode } from "@parsec/base";
import type { VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { inboundSync } from "./inbound.ts";
import { pull, pushEntry } from "./sync.ts";

/** An entry is uploaded so long after its last change, in milliseconds… */
const minWaitMs = 1_000;
/** …and at the latest so long after its first one. */
const maxWaitMs = 60_000;
/** How long to leave the server alone after a failure that may pass, unless the connection comes back before. */
const pauseMs = 3_000;
const blockstorePauseMs = 60_000;
/** Above what any workspace holds. */
const noLimit = 2 ** 31 - 1;

interface Waiting {
  readonly firstChange: number;
  readonly due: number;
}

/**
 * Keeps one workspace in step with the server, one entry after the other (spec 11 §12.4, §13.3). After a failure that
 * may pass it waits, then looks at everything again. Any other failure ends it, and the session is told.
 */
export class WorkspaceMonitor {
  readonly #context: WorkspaceContext;
  readonly #canWrite: () => boolean;
  readonly #incoming = new Set<VlobId>();
  readonly #outgoing = new Map<VlobId, Waiting>();
  #isBehind = true;
  /** Nothing is tried before; in milliseconds of the clock. */
  #pausedUntil = 0;
  /** Set by every event, so that one that comes during a step is not slept through. */
  #hasNews = false;
  #wake: () => void = () => undefined;
  readonly #stopListening: () => void;
  readonly #finished: Promise<void>;

  /** `canWrite` is asked before each upload: the role may change at any time. */
  constructor(context: WorkspaceContext, canWrite: () => boolean) {
    this.#context = context;
    this.#canWrite = canWrite;
    this.#stopListening = this.#listen();
    this.#finished = this.#run();
  }

  /** Resolves once no work is under way. The workspace must be closing: its signal ends what waits for the network. */
  async stop(): Promise<void> {
    this.#stopListening();
    this.#wake();
    await this.#finished;
  }

  #listen(): () => void {
    const { session, realmId } = this.#context;
    return session.events.onAny((event) => {
      if (event.type === "outbound_sync_needed" && event.realmId === realmId) this.#schedule(event.entryId);
      else if (event.type === "realm_vlob_updated" && event.realmId === realmId) this.#incoming.add(event.vlobId);
      else if (event.type === "missed_server_events") this.#isBehind = true;
      else if (event.type === "connection" && event.state.status === "online") this.#pausedUntil = 0;
      else if (event.type !== "workspaces_changed") return;
      this.#hasNews = true;
      this.#wake();
    });
  }

  #schedule(id: VlobId): void {
    const firstChange = this.#outgoing.get(id)?.firstChange ?? this.#nowMs;
    this.#outgoing.set(id, { firstChange, due: Math.min(this.#nowMs + minWaitMs, firstChange + maxWaitMs) });
  }

  get #nowMs(): number {
    return this.#context.session.clock.now() / 1000;
  }

  async #run(): Promise<void> {
    const { closed, session } = this.#context;
    while (!closed.aborted) {
      this.#hasNews = false;
      try {
        const isPaused = this.#pausedUntil > this.#nowMs;
        if (isPaused || !(await this.#step())) await this.#waitForWork();
      } catch (error) {
        if (closed.aborted) return;
        if (!hasCode(error, "OFFLINE", "BLOCKSTORE_UNAVAILABLE", "REALM_NOT_FOUND")) {
          session.events.send({ type: "monitor_crashed", monitor: "workspace", error });
          return;
        }
        this.#isBehind = true;
        this.#pausedUntil = this.#nowMs + (hasCode(error, "OFFLINE") ? pauseMs : blockstorePauseMs);
      }
    }
  }

  /** Does one thing; false when there is nothing to do now. */
  async #step(): Promise<boolean> {
    const options = { signal: this.#context.closed };
    if (this.#isBehind) {
      this.#isBehind = false;
      await this.#catchUp(options);
      return true;
    }
    const [incoming] = this.#incoming;
    if (incoming !== undefined) {
      this.#incoming.delete(incoming);
      await this.#takeIn(incoming, options);
      return true;
    }
    const outgoing = this.#nextDue();
    if (outgoing === undefined) return false;
    this.#outgoing.delete(outgoing);
    await pushEntry(this.#context, outgoing, options);
    return true;
  }

  async #catchUp(options: { signal: AbortSignal }): Promise<void> {
    const { session, realmId, store } = this.#context;
    await session.realms.ensureBootstrapped(realmId, options);
    await pull(this.#context, options);
    for (const id of await store.getOutboundNeedSync(noLimit)) this.#schedule(id);
  }

  /** Entries that this device does not have yet are fetched when somebody asks for them. */
  async #takeIn(id: VlobId, options: { signal: AbortSignal }): Promise<void> {
    if ((await this.#context.manifests.getLocal(id)) === undefined) return;
    await inboundSync(this.#context, id, options);
  }

  #nextDue(): VlobId | undefined {
    if (!this.#canWrite()) return undefined;
    for (const [id, { due }] of this.#outgoing) if (due <= this.#nowMs) return id;
    return undefined;
  }

  async #waitForWork(): Promise<void> {
    if (this.#hasNews || this.#context.closed.aborted) return;
    const dues = this.#canWrite() ? [...this.#outgoing.values()].map(({ due }) => due) : [];
    const isPaused = this.#pausedUntil > this.#nowMs;
    const next = isPaused ? this.#pausedUntil : Math.min(...dues);
    await new Promise<void>((resolve) => {
      const timer = Number.isFinite(next) ? this.#context.session.clock.timer(next - this.#nowMs, resolve) : undefined;
      this.#wake = () => {
        timer?.cancel();
        resolve();
      };
    });
  }
}
