import { type OperationOptions, ParsecError, Semaphore } from "@parsec/base";
import type { OutboundBacklog, WorkspaceStore } from "@parsec/storage";
import {
  DateTime,
  type EntryName,
  FsPath,
  newLocalRootManifest,
  PreventSyncPattern,
  type RealmRole,
  type UserId,
  type VlobId,
} from "@parsec/types";
import type { ArchivingRequest } from "../realms/archive-realm.ts";
import type { WorkspaceMember } from "../realms/realms.ts";
import type { SessionContext } from "../session/context.ts";
import type { WorkspaceInfo } from "../session/workspaces.ts";
import { applyPattern } from "./apply-pattern.ts";
import type { ByteSource } from "./content/byte-source.ts";
import { purgeOrphanChunks } from "./content/purge.ts";
import { openForRead, type ReadOptions } from "./content/read-file.ts";
import { streamOf } from "./content/stream.ts";
import { type WriteResult, writeFile } from "./content/write-file.ts";
import type { WorkspaceContext } from "./context.ts";
import { workspaceClosed } from "./errors.ts";
import type { ImportEntry, ImportReport } from "./import/entry.ts";
import { importTree } from "./import/import-tree.ts";
import { Manifests } from "./manifests.ts";
import { WorkspaceMonitor } from "./sync/monitor.ts";
import { pull, syncWorkspace } from "./sync/sync.ts";
import { blocksInFlight } from "./sync/upload-content.ts";
import { announceChanges, now } from "./tree/change-folder.ts";
import { createFolder, createFolders } from "./tree/create-folder.ts";
import { type MoveOptions, move } from "./tree/move.ts";
import { type RemoveOptions, remove } from "./tree/remove.ts";
import { type EntryStat, type ListedEntry, list, stat } from "./tree/stat.ts";
import { TreeLock } from "./tree-lock.ts";

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
  readonly #closing: AbortController;
  readonly #monitor: WorkspaceMonitor | undefined;

  private constructor(context: WorkspaceContext, closing: AbortController) {
    this.id = context.realmId;
    this.#context = context;
    this.#closing = closing;
    const isAutomatic = context.session.config.sync === "auto";
    this.#monitor = isAutomatic ? new WorkspaceMonitor(context, () => this.canWrite) : undefined;
  }

  /** Opens the local storage of a workspace that `context.workspaceInfo` lists, and starts what keeps it in step. */
  static async open(session: SessionContext, realmId: VlobId): Promise<Workspace> {
    const { blockCacheBytes, preventSyncPatterns } = session.config;
    const store = await session.storage.openWorkspace(realmId, { blockCacheSize: blockCacheBytes });
    const closing = new AbortController();
    const pattern =
      preventSyncPatterns === undefined
        ? PreventSyncPattern.default()
        : PreventSyncPattern.fromGlobs(preventSyncPatterns);
    await applyPattern(store, pattern, DateTime.now(session.clock));
    const context = makeContext(session, realmId, store, pattern, closing.signal);
    await prepareRoot(context);
    return new Workspace(context, closing);
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
    return this.role !== "READER" && this.info.archiving.type === "AVAILABLE";
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
  writeFile(path: string, source: ByteSource, options: OperationOptions = {}): Promise<WriteResult> {
    return this.#run((context) => writeFile(context, FsPath.parse(path), source, options));
  }

  /** The content of a file as it is now, as a stream. Progress counts bytes. */
  readFile(path: string, options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    return this.#run(async (context) => streamOf((await openForRead(context, FsPath.parse(path), options)).pieces));
  }

  /** Stores a tree of files under `target`. See {@link importTree}. */
  import(
    entries: AsyncIterable<ImportEntry> | Iterable<ImportEntry>,
    target: string,
    options: OperationOptions = {},
  ): Promise<ImportReport> {
    return this.#run((context) => importTree(context, entries, FsPath.parse(target), options));
  }

  /** Frees what writes left behind when the process was killed; gives the number of pieces. Not while writing. */
  purge(): Promise<number> {
    return this.#run(purgeOrphanChunks);
  }

  // --- Synchronization

  /**
   * Takes in what changed on the server and uploads what changed here; resolves when the server has everything that is
   * not confined to this device. Progress counts uploaded bytes.
   */
  sync(options: OperationOptions = {}): Promise<void> {
    return this.#run((context) => (this.canWrite ? syncWorkspace(context, options) : pull(context, options)));
  }

  /** What still waits for an upload. */
  pendingUploads(): Promise<OutboundBacklog> {
    return this.#run((context) => context.store.getOutboundBacklog());
  }

  // --- Members

  /** The members who are not revoked, as last known. */
  members(): readonly WorkspaceMember[] {
    return this.#context.session.realms.members(this.id);
  }

  /** Gives `userId` a role, or changes it. */
  share(userId: UserId, role: RealmRole, options: OperationOptions = {}): Promise<void> {
    return this.#context.session.realms.share(this.id, userId, role, options);
  }

  unshare(userId: UserId, options: OperationOptions = {}): Promise<void> {
    return this.#context.session.realms.unshare(this.id, userId, options);
  }

  rename(name: string, options: OperationOptions = {}): Promise<void> {
    return this.#context.session.realms.rename(this.id, name, options);
  }

  rotateKey(options: OperationOptions = {}): Promise<void> {
    return this.#context.session.realms.rotateKey(this.id, options);
  }

  archive(configuration: ArchivingRequest, options: OperationOptions = {}): Promise<void> {
    return this.#context.session.realms.archive(this.id, configuration, options);
  }

  selfPromoteToOwner(options: OperationOptions = {}): Promise<void> {
    return this.#context.session.realms.selfPromoteToOwner(this.id, options);
  }

  /** Stops its work and closes its storage; waits for no network. Called by the session. Idempotent. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(workspaceClosed());
    await this.#monitor?.stop();
    await this.#context.session.storage.closeWorkspace(this.id);
  }

  get #open(): WorkspaceContext {
    if (this.#closing.signal.aborted) throw workspaceClosed();
    return this.#context;
  }

  async #run<T>(operation: (context: WorkspaceContext) => Promise<T>): Promise<T> {
    return operation(this.#open);
  }
}

function makeContext(
  session: SessionContext,
  realmId: VlobId,
  store: WorkspaceStore,
  pattern: PreventSyncPattern,
  closed: AbortSignal,
): WorkspaceContext {
  const base = {
    session,
    realmId,
    store,
    pattern,
    closed,
    uploads: new Semaphore(blocksInFlight),
  };
  const manifests = new Manifests(base);
  const tree = new TreeLock({
    store: manifests,
    pattern,
    now: () => now({ session }),
    onStored: (changed) => announceChanges(base, changed),
  });
  return { ...base, manifests, tree };
}

/** A device that has never seen the workspace begins with an empty stand-in, and fills it if the server is there. */
async function prepareRoot(context: WorkspaceContext): Promise<void> {
  const { session, realmId, manifests, closed } = context;
  if ((await manifests.getLocal(realmId)) !== undefined) return;
  const { deviceId } = session.device;
  const root = newLocalRootManifest(deviceId, realmId, DateTime.now(session.clock), { speculative: true });
  await manifests.save([root]);
  try {
    await pull(context, { signal: closed });
  } catch (error) {
    // Offline, or refused: the first operation that needs the server tells.
    if (!ParsecError.is(error)) throw error;
  }
}
