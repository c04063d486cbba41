import { type JoinedSignals, joinSignals, type OperationOptions, orAbort, requireText } from "@parsec/base";
import type { OutboundBacklog } from "@parsec/storage";
import type { EntryName, RealmRole, UserId, VlobId } from "@parsec/types";
import type { MonitorState } from "../monitors/sync-state.ts";
import type { ArchivingRequest } from "../realms/archive-realm.ts";
import type { WorkspaceMember } from "../realms/realms.ts";
import type { SessionContext } from "../session/context.ts";
import type { WorkspaceInfo } from "../session/workspaces.ts";
import type { EditorOrigin } from "./collaboration/save-edited.ts";
import { type ByteSource, SourceReader } from "./content/byte-source.ts";
import { purgeOrphanChunks } from "./content/purge.ts";
import type { WorkspaceContext } from "./context.ts";
import { workspaceClosed } from "./errors.ts";
import { mayWrite, openContext } from "./open-context.ts";
import { SyncEngine } from "./sync/engine/sync-engine.ts";
import { pendingUploads } from "./sync/pending.ts";
import { SyncIncompleteError } from "./sync/sync-incomplete.ts";
import { WorkspaceFiles } from "./workspace-files.ts";

/**
 * One workspace of a session: its members, its files. Paths are absolute, as `/folder/file`. What is written is on
 * this device when the promise resolves, and on the server after `sync`, or soon when the session syncs by itself.
 */
export class Workspace extends WorkspaceFiles {
  readonly #closing: JoinedSignals;
  readonly #engine: SyncEngine;
  #closed: Promise<void> | undefined;
  #stored: Promise<void> | undefined;

  private constructor(context: WorkspaceContext, closing: JoinedSignals) {
    super(context);
    this.#closing = closing;
    const { config } = context.session;
    this.#engine = new SyncEngine(context, {
      isAutomatic: config.sync === "auto",
      canWrite: context.canWrite,
    });
  }

  /** Opens the local storage of a workspace that `context.workspaceInfo` lists, and starts what keeps it in step. */
  static async open(session: SessionContext, realmId: VlobId): Promise<Workspace> {
    const { blockCacheBytes } = session.config;
    const store = await session.storage.openWorkspace(realmId, { blockCacheSize: blockCacheBytes });
    const closing = joinSignals(session.signal);
    try {
      const context = await openContext(session, realmId, store, closing.signal);
      return new Workspace(context, closing);
    } catch (error) {
      closing.release();
      await session.storage.closeWorkspace(realmId);
      throw error;
    }
  }

  /** Name, role and state as last known. */
  get info(): WorkspaceInfo {
    return this.context.session.workspaceInfo(this.id);
  }

  get name(): EntryName {
    return this.info.name;
  }

  get role(): RealmRole {
    return this.info.role;
  }

  /** False for a READER, and in an archived workspace. */
  get canWrite(): boolean {
    return mayWrite(this.info);
  }

  /**
   * Frees what writes left behind when the process was killed, which opening the workspace does too; gives the number of
   * pieces. Safe at any time.
   */
  purge(): Promise<number> {
    return this.run(async (context) => {
      const count = await purgeOrphanChunks(context);
      await context.pins.idle();
      return count;
    });
  }

  // --- Synchronization

  /**
   * Takes in what changed on the server and uploads what changed here. When it resolves, {@link pendingUploads} is 0.
   * Joins what is under way: by itself, or for other callers, who share its progress, in clear bytes of content.
   *
   * An abort ends the wait; with `sync: "manual"` it also ends the work when nobody else waits for it.
   * @throws SyncIncompleteError with what is left, when all but some entries went; ConnectionError, StorageError,
   * ClientError, ClockDriftError, WorkspaceError (REALM_ARCHIVED, BLOCKSTORE_UNAVAILABLE) when nothing can go
   */
  sync(options: OperationOptions = {}): Promise<void> {
    return this.run(() => this.#engine.sync(options));
  }

  /**
   * How synchronization stands, for a frontend to show; `sync_state_changed` tells when it changes. With
   * `sync: "manual"` it is idle unless somebody calls {@link sync}.
   */
  get syncState(): MonitorState {
    return this.#engine.state;
  }

  /**
   * What still waits for an upload: changed entries, but for those confined to this device, and the bytes of their
   * content that the server does not have. No network.
   */
  pendingUploads(): Promise<OutboundBacklog> {
    return this.run(pendingUploads);
  }

  /**
   * Gives a file the content that several edited together in CryptPad, with the session that it comes from, and brings it
   * to the server. The content is on this device also when the rest is rejected.
   * @throws as `saveEdited` in `collaboration/save-edited.ts`, and as {@link sync} when this file did not go
   */
  async saveEdited(
    id: VlobId,
    source: ByteSource,
    origin: EditorOrigin,
    options: OperationOptions = {},
  ): Promise<void> {
    const reader = SourceReader.open(source);
    try {
      await this.run(async (context) => {
        const { saveEdited } = await orAbort(import("./collaboration/save-edited.ts"), options.signal);
        await saveEdited(context, id, reader, origin, options);
      });
    } finally {
      reader.close();
    }
    try {
      await this.sync({ signal: options.signal });
    } catch (error) {
      // What keeps other files is not this one's.
      if (!(error instanceof SyncIncompleteError)) throw error;
      const left = error.left.find((entry) => entry.id === id);
      if (left !== undefined) throw left.error;
    }
  }

  // --- Members

  /** The members who are not revoked, as last known. */
  members(): readonly WorkspaceMember[] {
    return this.#realms.members(this.id);
  }

  /** Gives `userId` a role, or changes it. */
  share(userId: UserId, role: RealmRole, options: OperationOptions = {}): Promise<void> {
    return this.run(() => this.#realms.share(this.id, userId, role, options));
  }

  unshare(userId: UserId, options: OperationOptions = {}): Promise<void> {
    return this.run(() => this.#realms.unshare(this.id, userId, options));
  }

  rename(name: string, options: OperationOptions = {}): Promise<void> {
    return this.run(async () => {
      requireText("name", name);
      await this.#realms.rename(this.id, name, options);
    });
  }

  rotateKey(options: OperationOptions = {}): Promise<void> {
    return this.run(() => this.#realms.rotateKey(this.id, options));
  }

  archive(configuration: ArchivingRequest, options: OperationOptions = {}): Promise<void> {
    return this.run(() => this.#realms.archive(this.id, configuration, options));
  }

  selfPromoteToOwner(options: OperationOptions = {}): Promise<void> {
    return this.run(() => this.#realms.selfPromoteToOwner(this.id, options));
  }

  /**
   * Stops its work and closes its storage; waits for no network, no source and no reader: what is under way rejects with
   * WORKSPACE_CLOSED. What was written to open files is stored. The session closes all of them; `workspaces.get(id)` opens it again. Idempotent.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** False from the moment that it is being closed. @internal */
  get isOpen(): boolean {
    return this.#closed === undefined && !this.#closing.signal.aborted;
  }

  /** For the end of the session: stores what was written to open files, and takes no more. @internal */
  storeOpenFiles(): Promise<void> {
    this.#stored ??= this.context.openFiles.close();
    return this.#stored;
  }

  async #close(): Promise<void> {
    this.#closing.abort(workspaceClosed());
    this.#closing.release();
    this.#engine.stop();
    // What was written to open files is stored, unless that fails, which is told in the end.
    const [stored] = await Promise.allSettled([this.storeOpenFiles()]);
    await this.context.session.storage.closeWorkspace(this.id);
    if (stored.status === "rejected") throw stored.reason;
  }

  get #realms(): SessionContext["realms"] {
    return this.opened.session.realms;
  }
}
