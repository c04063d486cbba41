import { joinSignals, type OperationOptions, orAbort, type Timer, throwIfAborted } from "@parsec/base";
import type { VlobId } from "@parsec/types";
import { type Failure, failureOf } from "../../../monitors/failures.ts";
import { isNews } from "../../../monitors/news.ts";
import { Pause } from "../../../monitors/pause.ts";
import { type MonitorState, StateCell } from "../../../monitors/sync-state.ts";
import type { ClientEvent } from "../../../session/events.ts";
import type { WorkspaceContext } from "../../context.ts";
import { refreshCheckpoint, storeCheckpoint } from "../inbound.ts";
import { changedEntries, noLimit, pendingUploads } from "../pending.ts";
import { describeEngine, firstAfter } from "./engine-state.ts";
import { EngineEntries, type Job } from "./entries.ts";
import { type EntryOutcome, putOut, takeIn } from "./entry-jobs.ts";
import { reasonToReject } from "./left-entries.ts";
import { SyncCalls } from "./sync-calls.ts";

/** Entries that are synchronized at the same time. */
const entriesInFlight = 8;

export interface SyncEngineRules {
  /** Works by itself; else only while somebody calls {@link SyncEngine.sync}. */
  readonly isAutomatic: boolean;
  /** Asked before each upload: the role may change at any time. */
  readonly canWrite: () => boolean;
}

/** What is under way besides entries, each at most once. */
type Chore = "pull" | "rescue" | "checkpoint" | "place" | "settle";

/**
 * The one that brings a workspace and the server in step, by itself and for all callers of `sync()` at once (spec 11
 * §12.4, §13.3). What one entry meets holds no other one; what keeps all of them is waited for. Nothing but the end of
 * the workspace ends it.
 */
export class SyncEngine {
  readonly #context: WorkspaceContext;
  readonly #rules: SyncEngineRules;
  readonly #state: StateCell;
  readonly #stopListening: readonly (() => void)[];
  readonly #entries: EngineEntries;
  readonly #chores = new Set<Chore>();
  /** The server may have more than is known. */
  #isBehind: boolean;
  readonly #pause = new Pause();
  readonly #uploadPause = new Pause();
  readonly #rescuePause = new Pause();
  readonly #calls = new SyncCalls();
  #work: ReturnType<typeof joinSignals>;
  #timer: Timer | undefined;
  #isWoken = false;

  constructor(context: WorkspaceContext, rules: SyncEngineRules) {
    this.#context = context;
    this.#rules = rules;
    this.#isBehind = rules.isAutomatic;
    this.#work = joinSignals(context.closed);
    const { session, realmId } = context;
    this.#entries = new EngineEntries(context, session.clock);
    this.#state = new StateCell(session, realmId, () => this.#entries.held.aside.listed());
    this.#stopListening = [
      session.events.onAny((event) => this.#onEvent(event)),
      context.openFiles.onFreed((id) => this.#onFreed(id)),
    ];
    this.#wake();
  }

  get state(): MonitorState {
    return this.#state.state;
  }

  /**
   * Resolves when both sides have the same, but for what is confined to this device. Joins the work under way.
   * @throws SyncIncompleteError when everything went but some entries; the error that keeps all of them otherwise
   */
  async sync(options: OperationOptions = {}): Promise<void> {
    throwIfAborted(options.signal);
    try {
      const pendingBytes = async () => (await pendingUploads(this.#context)).bytes;
      await this.#calls.run(options, pendingBytes, () => this.#urge());
    } finally {
      if (this.#calls.isEmpty) this.#rest();
    }
  }

  /** Ends its work at once. The workspace must be closing: its signal ends what is under way. */
  stop(): void {
    for (const stop of this.#stopListening) stop();
    this.#timer?.cancel();
    this.#work.release();
    this.#calls.rejectAll(this.#context.closed.reason);
  }

  // --- What sets it to work

  #onEvent(event: ClientEvent): void {
    if (isNews(event)) this.#onNews(event);
    if (!("realmId" in event) || event.realmId !== this.#context.realmId) return;
    switch (event.type) {
      case "outbound_sync_needed":
        this.#entries.changed(event.entryId);
        break;
      case "inbound_sync_done":
        this.#entries.held.touched(event.entryId);
        break;
      case "realm_vlob_updated":
        if (this.#rules.isAutomatic) this.#entries.announced(event.vlobId, event.version);
        break;
      default:
        return;
    }
    this.#wake();
  }

  /** A file is not open any more. */
  #onFreed(id: VlobId): void {
    this.#entries.held.aside.retry(id, this.#nowMs);
    this.#wake();
  }

  #onNews({ type }: ClientEvent): void {
    if (!this.#rules.isAutomatic) return;
    const isPaused = this.#pause.failure(this.#nowMs) !== undefined;
    this.#isBehind ||= isPaused || type === "missed_server_events" || type === "workspaces_changed";
    this.#pause.interrupt();
    this.#uploadPause.interrupt();
    this.#rescuePause.interrupt();
    this.#entries.held.aside.retryAll(this.#nowMs);
    this.#wake();
  }

  /** Everything at once, for somebody who waits. */
  #urge(): void {
    this.#isBehind = true;
    this.#pause.end();
    this.#uploadPause.end();
    this.#rescuePause.end();
    this.#entries.tryAll();
    this.#wake();
  }

  /** Nobody waits any more. */
  #rest(): void {
    if (!this.#rules.isAutomatic) {
      this.#work.abort(new DOMException("Nobody waits for this any more", "AbortError"));
      this.#work.release();
      this.#work = joinSignals(this.#context.closed);
      this.#isBehind = false;
    }
    this.#entries.resume();
    this.#wake();
  }

  // --- What it does

  #wake(): void {
    if (this.#isWoken) return;
    this.#isWoken = true;
    queueMicrotask(() => {
      this.#isWoken = false;
      this.#pump();
    });
  }

  #pump(): void {
    this.#timer?.cancel();
    if (this.#context.closed.aborted) return;
    const now = this.#nowMs;
    if (this.#isActive) {
      this.#startWork(now);
      this.#arm(now);
    }
    const { running, hasIncoming, hasOutgoing, held } = this.#entries;
    const state = describeEngine({
      now,
      isActive: this.#isActive,
      pause: this.#pause,
      hasWork: running > 0 || this.#chores.size > 0 || hasIncoming || this.#isBehind,
      hasUploads: hasOutgoing,
      canWrite: this.#rules.canWrite(),
      uploadPause: this.#uploadPause,
      edition: held.aside.edition,
    });
    this.#state.set(state);
  }

  #startWork(now: number): void {
    if (this.#pause.failure(now) !== undefined || this.#chores.has("pull") || this.#chores.has("settle")) return;
    if (this.#isBehind) {
      this.#isBehind = false;
      this.#start("pull", () => this.#pull());
      return;
    }
    this.#entries.takeDue(now);
    // Once all that was announced is in: what lost its place, and what had to wait for the rest.
    if (this.#needsRescue(now) && !this.#entries.isTakingIn) this.#start("rescue", () => this.#rescue());
    if (this.#mayStoreCheckpoint) this.#start("checkpoint", () => storeCheckpoint(this.#context));
    if (this.#entries.needsPlaces) this.#start("place", () => this.#entries.place(this.#rules.canWrite()));
    while (this.#entries.running < entriesInFlight) {
      const canUpload = this.#canUpload(now) && !this.#chores.has("place") && !this.#isRescuing(now);
      const job = this.#entries.begin(now, { canUpload, isUrgent: !this.#calls.isEmpty });
      if (job === undefined) break;
      this.#startJob(job);
    }
    if (this.#isQuiet(now) && (!this.#calls.isEmpty || this.#entries.held.hasNews)) {
      this.#start("settle", () => this.#settle());
    }
  }

  get #mayStoreCheckpoint(): boolean {
    const { takeIn } = this.#context;
    return takeIn.checkpoint.unstored !== undefined && !takeIn.isUnsettled && !this.#entries.isTakingIn;
  }

  #needsRescue(now: number): boolean {
    return this.#context.takeIn.isUnsettled && this.#rescuePause.failure(now) === undefined;
  }

  /** What is to be rescued may have its name and place from what would be uploaded over it. */
  #isRescuing(now: number): boolean {
    return this.#chores.has("rescue") || (this.#context.takeIn.hasHidden && this.#needsRescue(now));
  }

  #canUpload(now: number): boolean {
    return this.#rules.canWrite() && this.#uploadPause.failure(now) === undefined;
  }

  /** Nothing is under way, and nothing can be done now. */
  #isQuiet(now: number): boolean {
    const { running, hasIncoming, hasOutgoing, held } = this.#entries;
    if (this.#isBehind || running > 0 || this.#chores.size > 0 || hasIncoming) return false;
    if (held.aside.nextTry <= now) return false;
    return !hasOutgoing || this.#calls.isEmpty || !this.#canUpload(now);
  }

  #arm(now: number): void {
    const isUploadPaused = this.#uploadPause.failure(now) !== undefined;
    const nextUpload = isUploadPaused ? this.#uploadPause.until : this.#entries.nextUpload;
    const { nextTry } = this.#entries.held.aside;
    const times = [nextTry, this.#rescuePause.until];
    if (this.#rules.canWrite()) times.push(nextUpload);
    // What is due already goes on when something under way ends.
    const next = this.#pause.failure(now) === undefined ? firstAfter(now, times) : this.#pause.until;
    if (Number.isFinite(next)) this.#timer = this.#context.session.clock.timer(next - now, () => this.#pump());
  }

  get #isActive(): boolean {
    return this.#rules.isAutomatic || !this.#calls.isEmpty;
  }

  get #nowMs(): number {
    return this.#context.session.clock.now() / 1000;
  }

  // --- Entries

  #startJob(job: Job): void {
    const { signal } = this.#work;
    // Whatever it still waits for when the workspace closes, nobody waits for it.
    orAbort(this.#run(job, signal), this.#context.closed)
      .then((outcome) => {
        if (outcome === "done" && job.direction === "out") this.#uploadPause.end();
        if (outcome === "unreachable") this.#context.takeIn.foundLost(job.id);
        return this.#entries.settle(job, outcome, !this.#calls.isEmpty);
      })
      .then(
        (error) => (error === undefined ? undefined : this.#failed(job, error)),
        (error: unknown) => (signal.aborted ? undefined : this.#failed(job, error)),
      )
      .catch((error: unknown) => this.#pauseFor(error))
      .finally(() => {
        this.#entries.end(job);
        this.#wake();
      });
  }

  #run({ id, direction, version }: Job, signal: AbortSignal): Promise<EntryOutcome> {
    if (direction === "in") return takeIn(this.#context, id, version, { signal });
    return putOut(this.#context, id, { signal, onUploaded: (size) => this.#calls.uploaded(size) });
  }

  async #failed(job: Job, error: unknown): Promise<void> {
    const failure = failureOf(error);
    this.#tell(failure, job.id);
    if (failure.scope === "realm" && job.direction === "out") {
      this.#uploadPause.begin(failure, this.#nowMs);
      this.#entries.again(job);
      return;
    }
    await this.#entries.fail(job, failure);
    // Whether it is this entry, or everything, the next question tells.
    if (failure.scope !== "entry") this.#isBehind = true;
  }

  // --- What it does between entries

  #start(chore: Chore, run: () => Promise<void>): void {
    if (this.#chores.has(chore)) return;
    this.#chores.add(chore);
    const { signal } = this.#work;
    orAbort(run(), this.#context.closed)
      .catch((error: unknown) => {
        if (!signal.aborted) this.#pauseFor(error);
      })
      .finally(() => {
        this.#chores.delete(chore);
        this.#wake();
      });
  }

  /** Nothing can be done now: those who wait are told, and it is tried again later. */
  #pauseFor(error: unknown): void {
    if (this.#context.closed.aborted) return;
    const failure = failureOf(error);
    this.#tell(failure);
    this.#isBehind = true;
    this.#pause.begin(failure, this.#nowMs);
    this.#calls.rejectAll(failure.error);
  }

  #tell({ code, error, isBug }: Failure, entryId?: VlobId): void {
    const { session, realmId } = this.#context;
    const entry = entryId === undefined ? {} : { entryId };
    session.diagnostics({ area: "client", event: "sync_failed", fields: { realmId, code, ...entry } });
    if (isBug) session.events.send({ type: "monitor_crashed", monitor: "workspace", realmId, entryId, error });
  }

  /** What the server has, and all that this device has to say. */
  async #pull(): Promise<void> {
    const { session, realmId, store } = this.#context;
    const { signal } = this.#work;
    await session.realms.ensureBootstrapped(realmId, { signal });
    await refreshCheckpoint(this.#context, { signal });
    if (this.#pause.end()) this.#entries.held.aside.forgive(this.#nowMs);
    for (const id of await store.getInboundNeedSync(noLimit)) {
      if (!this.#entries.held.has(id)) this.#entries.announced(id);
    }
    for (const id of await store.getOutboundNeedSync(noLimit)) this.#entries.add(id);
  }

  /** What a damaged entry hinders is done later: the others go on. */
  async #rescue(): Promise<void> {
    try {
      const merged = await this.#context.takeIn.settle({ signal: this.#work.signal });
      this.#rescuePause.end();
      const { session, realmId } = this.#context;
      for (const entryId of merged) session.events.send({ type: "inbound_sync_done", realmId, entryId });
    } catch (error) {
      const failure = failureOf(error);
      if (failure.scope !== "entry" || this.#work.signal.aborted) throw error;
      this.#tell(failure);
      this.#rescuePause.begin(failure, this.#nowMs);
    }
  }

  /** Looks again at what had to stay here, and answers those who wait, if nothing is left that can go. */
  async #settle(): Promise<void> {
    const calls = this.#calls.waiting();
    await this.#entries.recheck();
    if (calls.length === 0) return;
    const changed = await changedEntries(this.#context);
    const added = changed.filter(({ id }) => this.#entries.addAgain(id));
    const canWrite = this.#rules.canWrite();
    const uploadFailure = this.#uploadPause.failure(this.#nowMs);
    const isUploading = this.#entries.hasOutgoing && canWrite && uploadFailure === undefined;
    if (added.length > 0 || isUploading || this.#isBehind || this.#entries.hasIncoming) return;
    const aside = this.#entries.held.aside.all();
    const error = await reasonToReject(this.#context, { aside, changed, uploadFailure, canWrite });
    for (const call of calls) {
      if (error === undefined) call.resolve();
      else call.reject(error);
    }
  }
}
