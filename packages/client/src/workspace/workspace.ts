import { type JoinedSignals, joinSignals, type OperationOptions, orAbort } from "@parsec/base";
import type { OutboundBacklog } from "@parsec/storage";
import { type EntryName, FsPath, type RealmRole, type UserId, type VlobId } from "@parsec/types";
import type { MonitorState } from "../monitors/sync-state.ts";
import type { ArchivingRequest } from "../realms/archive-realm.ts";
import type { WorkspaceMember } from "../realms/realms.ts";
import { throwIfClosed } from "../session/closed.ts";
import type { SessionContext } from "../session/context.ts";
import type { WorkspaceInfo } from "../session/workspaces.ts";
import { type ByteSource, SourceReader } from "./content/byte-source.ts";
import { purgeOrphanChunks } from "./content/purge.ts";
import type { WriteResult } from "./content/put-content.ts";
import { openForRead, type ReadOptions } from "./content/read-file.ts";
import { streamOf } from "./content/stream.ts";
import { writeFile } from "./content/write-file.ts";
import type { WorkspaceContext } from "./context.ts";
import { workspaceClosed } from "./errors.ts";
import type { ImportEntry, ImportReport } from "./import/entry.ts";
import { mayWrite, openContext } from "./open-context.ts";
import type { FileHandle } from "./open-files/file-handle.ts";
import type { OpenOptions } from "./open-files/open.ts";
import { SyncEngine } from "./sync/engine/sync-engine.ts";
import { pendingUploads } from "./sync/pending.ts";
import { createFolder, createFolders } from "./tree/create-folder.ts";
import { type MoveOptions, move } from "./tree/move.ts";
import { type RemoveOptions, remove } from "./tree/remove.ts";
import { type EntryStat, type ListedEntry, list, stat } from "./tree/stat.ts";

export interface CreateFolderOptions {
  readonly signal?: AbortSignal | undefined;
  /** Also create the folders that lead to it, and accept one that exists. Default false. */
  readonly recursive?: boolean | undefined;
}

/**
 * One workspace of a session: its members, its files. Paths are absolute, as `/folder/file`. What is written is on
 * this device when the promise resolves, and on the server after `sync`, or soon when the session syncs by itself.
 */
export class Workspace {
  readonly id: VlobId;
  readonly #context: WorkspaceContext;
  readonly #closing: JoinedSignals;
  readonly #engine: SyncEngine;
  #closed: Promise<void> | undefined;
  #stored: Promise<void> | undefined;

  private constructor(context: WorkspaceContext, closing: JoinedSignals) {
    this.id = context.realmId;
    this.#context = context;
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
    return this.#context.session.workspaceInfo(this.id);
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

  // --- Files and folders

  /** The entries of a folder, by ascending name. @throws as {@link list} in `tree/stat.ts` */
  async *list(path: string, options: OperationOptions = {}): AsyncGenerator<ListedEntry, void, undefined> {
    yield* await list(this.#open, FsPath.parse(path), options);
  }

  stat(path: string, options: OperationOptions = {}): Promise<EntryStat> {
    return this.#run((context) => stat(context, FsPath.parse(path), options));
  }

  createFolder(path: string, options: CreateFolderOptions = {}): Promise<void> {
    return this.#run(async (context) => {
      if (options.recursive === true) await createFolders(context, FsPath.parse(path), options);
      else await createFolder(context, FsPath.parse(path), options);
    });
  }

  remove(path: string, options: RemoveOptions = {}): Promise<void> {
    return this.#run((context) => remove(context, FsPath.parse(path), options));
  }

  move(from: string, to: string, options: MoveOptions = {}): Promise<void> {
    return this.#run((context) => move(context, FsPath.parse(from), FsPath.parse(to), options));
  }

  /** Gives a file this content, whole or not at all; creates it when missing. Progress counts bytes. */
  async writeFile(path: string, source: ByteSource, options: OperationOptions = {}): Promise<WriteResult> {
    const reader = SourceReader.open(source);
    try {
      return await this.#run((context) => writeFile(context, FsPath.parse(path), reader, options));
    } finally {
      reader.close();
    }
  }

  /** The content of a file as it is now, as a stream. Progress counts bytes. */
  readFile(path: string, options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    return this.#run(async (context) => streamOf(await openForRead(context, FsPath.parse(path), options)));
  }

  /**
   * Opens a file, to read and write anywhere in it. See {@link FileHandle}; close it in the end.
   * @throws as `openFile` in `open-files/open.ts`, loaded on first use
   */
  open(path: string, options: OpenOptions = {}): Promise<FileHandle> {
    return this.#run(async (context) => {
      const { openFile } = await import("./open-files/open.ts");
      return openFile(context, FsPath.parse(path), options);
    });
  }

  /** As {@link open}, for an entry wherever it is. */
  openById(id: VlobId, options: Omit<OpenOptions, "create" | "createNew"> = {}): Promise<FileHandle> {
    return this.#run(async (context) => {
      const { openFileById } = await import("./open-files/open.ts");
      return openFileById(context, id, options);
    });
  }

  /** Stores a tree of files under `target`. See `importTree` in `import/import-tree.ts`, loaded on first use. */
  import(
    entries: AsyncIterable<ImportEntry> | Iterable<ImportEntry>,
    target: string,
    options: OperationOptions = {},
  ): Promise<ImportReport> {
    return this.#run(async (context) => {
      const { importTree } = await import("./import/import-tree.ts");
      return importTree(context, entries, FsPath.parse(target), options);
    });
  }

  /**
   * Frees what writes left behind when the process was killed, which opening the workspace does too; gives the number of
   * pieces. Safe at any time.
   */
  purge(): Promise<number> {
    return this.#run(async (context) => {
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
    return this.#run(() => this.#engine.sync(options));
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
    return this.#run(pendingUploads);
  }

  // --- Members

  /** The members who are not revoked, as last known. */
  members(): readonly WorkspaceMember[] {
    return this.#realms.members(this.id);
  }

  /** Gives `userId` a role, or changes it. */
  share(userId: UserId, role: RealmRole, options: OperationOptions = {}): Promise<void> {
    return this.#run(() => this.#realms.share(this.id, userId, role, options));
  }

  unshare(userId: UserId, options: OperationOptions = {}): Promise<void> {
    return this.#run(() => this.#realms.unshare(this.id, userId, options));
  }

  rename(name: string, options: OperationOptions = {}): Promise<void> {
    return this.#run(() => this.#realms.rename(this.id, name, options));
  }

  rotateKey(options: OperationOptions = {}): Promise<void> {
    return this.#run(() => this.#realms.rotateKey(this.id, options));
  }

  archive(configuration: ArchivingRequest, options: OperationOptions = {}): Promise<void> {
    return this.#run(() => this.#realms.archive(this.id, configuration, options));
  }

  selfPromoteToOwner(options: OperationOptions = {}): Promise<void> {
    return this.#run(() => this.#realms.selfPromoteToOwner(this.id, options));
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
    this.#stored ??= this.#context.openFiles.close();
    return this.#stored;
  }

  async #close(): Promise<void> {
    this.#closing.abort(workspaceClosed());
    this.#closing.release();
    this.#engine.stop();
    // What was written to open files is stored, unless that fails, which is told in the end.
    const [stored] = await Promise.allSettled([this.storeOpenFiles()]);
    await this.#context.session.storage.closeWorkspace(this.id);
    if (stored.status === "rejected") throw stored.reason;
  }

  get #realms(): SessionContext["realms"] {
    return this.#open.session.realms;
  }

  get #open(): WorkspaceContext {
    const { session, closed } = this.#context;
    throwIfClosed(session);
    if (closed.aborted) throw workspaceClosed();
    return this.#context;
  }

  /** An operation ends with its workspace, whatever it waits for. */
  async #run<T>(operation: (context: WorkspaceContext) => Promise<T>): Promise<T> {
    const context = this.#open;
    return orAbort(operation(context), context.closed);
  }
}
