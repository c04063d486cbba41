import { type OperationOptions, orAbort, requireText } from "@parsec/base";
import { type DateTime, EntryName, FsPath, type VlobId, type WorkspacePathAddress } from "@parsec/types";
import { requireAddress, requireId } from "../arguments.ts";
import { throwIfClosed } from "../session/closed.ts";
import type { CandidateKeys, EditingKeys } from "./collaboration/editing-session.ts";
import { type ByteSource, SourceReader } from "./content/byte-source.ts";
import type { WriteResult } from "./content/put-content.ts";
import { openForRead, type ReadOptions } from "./content/read-file.ts";
import { streamOf } from "./content/stream.ts";
import { writeFile } from "./content/write-file.ts";
import type { WorkspaceContext } from "./context.ts";
import { workspaceClosed } from "./errors.ts";
import type { FindOptions, FoundEntry } from "./find/find.ts";
import type { RestoreReport } from "./history/restore.ts";
import type { DamagedVersion, EntryVersion, RemovedEntry } from "./history/versions.ts";
import type { WorkspaceHistory } from "./history/workspace-history.ts";
import type { ImportEntry, ImportReport } from "./import/entry.ts";
import { openTree } from "./import/tree-reader.ts";
import type { PathLink } from "./links/path-link.ts";
import type { FileHandle } from "./open-files/file-handle.ts";
import type { OpenOptions } from "./open-files/open.ts";
import { createFile } from "./tree/create-file.ts";
import { createFolder, createFolders } from "./tree/create-folder.ts";
import { type MoveOptions, move, renameById } from "./tree/move.ts";
import { type RemoveOptions, remove } from "./tree/remove.ts";
import { type EntryStat, type ListedEntry, list, listById, stat, statById } from "./tree/stat.ts";
import type { Finding } from "./verify/finding.ts";
import { type EntryChange, type WatchOptions, watch } from "./watch/watch.ts";

export interface CreateFolderOptions {
  readonly signal?: AbortSignal | undefined;
  /** Also create the folders that lead to it, and accept one that exists. Default false. */
  readonly recursive?: boolean | undefined;
}

/** The files and folders of a {@link Workspace}, which is what there is one of. */
export abstract class WorkspaceFiles {
  readonly id: VlobId;
  readonly #context: WorkspaceContext;

  /** @internal */
  protected constructor(context: WorkspaceContext) {
    this.id = context.realmId;
    this.#context = context;
  }

  /** @internal */
  protected get context(): WorkspaceContext {
    return this.#context;
  }

  /** The entries of a folder, by ascending name. @throws as {@link list} in `tree/stat.ts` */
  async *list(path: string, options: OperationOptions = {}): AsyncGenerator<ListedEntry, void, undefined> {
    yield* await this.run((context) => list(context, FsPath.parse(path), options));
  }

  stat(path: string, options: OperationOptions = {}): Promise<EntryStat> {
    return this.run((context) => stat(context, FsPath.parse(path), options));
  }

  /** As {@link stat}, for an entry wherever it is, also when no folder leads to it. @throws as {@link stat} */
  statById(id: VlobId, options: OperationOptions = {}): Promise<EntryStat> {
    return this.run((context) => statById(context, id, options));
  }

  /** As {@link list}, for a folder wherever it is. */
  async *listById(id: VlobId, options: OperationOptions = {}): AsyncGenerator<ListedEntry, void, undefined> {
    yield* await this.run((context) => listById(context, id, options));
  }

  /** Entries by their names. See `find` in `find/find.ts`, loaded on first use. No network. */
  async *find(query: string, options: FindOptions = {}): AsyncGenerator<FoundEntry, void, undefined> {
    requireText("query", query, { filled: true });
    const context = this.opened;
    const { find } = await this.run(() => orAbort(import("./find/find.ts"), options.signal));
    yield* find(context, query, options);
  }

  /** Creates an empty folder; gives its id. @throws as `createFolder` and `createFolders` in `tree/create-folder.ts` */
  createFolder(path: string, options: CreateFolderOptions = {}): Promise<VlobId> {
    return this.run((context) => {
      const create = options.recursive === true ? createFolders : createFolder;
      return create(context, FsPath.parse(path), options);
    });
  }

  /** Creates an empty file, and refuses when something is there; gives its id. @throws as `tree/create-file.ts` */
  createFile(path: string, options: OperationOptions = {}): Promise<VlobId> {
    return this.run((context) => createFile(context, FsPath.parse(path), options));
  }

  remove(path: string, options: RemoveOptions = {}): Promise<void> {
    return this.run((context) => remove(context, FsPath.parse(path), options));
  }

  move(from: string, to: string, options: MoveOptions = {}): Promise<void> {
    return this.run((context) => move(context, FsPath.parse(from, "from"), FsPath.parse(to, "to"), options));
  }

  /** As {@link move}, of a child of a folder within it, wherever that folder is. */
  renameById(parent: VlobId, from: string, to: string, options: MoveOptions = {}): Promise<void> {
    return this.run((context) => renameById(context, parent, EntryName.parse(from), EntryName.parse(to), options));
  }

  /**
   * Copies a file, or a folder with all below it; gives the id of the copy. No content is downloaded or uploaded again.
   * @throws as `copy` in `copy/copy-tree.ts`, loaded on first use
   */
  copy(from: string, to: string, options: OperationOptions = {}): Promise<VlobId> {
    return this.run(async (context) => {
      const { copy } = await orAbort(import("./copy/copy-tree.ts"), options.signal);
      return copy(context, FsPath.parse(from, "from"), FsPath.parse(to, "to"), options);
    });
  }

  /** Gives a file this content, whole or not at all; creates it when missing. Progress counts bytes. */
  async writeFile(path: string, source: ByteSource, options: OperationOptions = {}): Promise<WriteResult> {
    const reader = SourceReader.open(source);
    try {
      return await this.run((context) => writeFile(context, FsPath.parse(path), reader, options));
    } finally {
      reader.close();
    }
  }

  /** The content of a file as it is now, as a stream. Progress counts bytes. */
  readFile(path: string, options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    return this.run(async (context) => streamOf(await openForRead(context, FsPath.parse(path), options)));
  }

  /**
   * Opens a file, to read and write anywhere in it. See {@link FileHandle}; close it in the end.
   * @throws as `openFile` in `open-files/open.ts`, loaded on first use
   */
  open(path: string, options: OpenOptions = {}): Promise<FileHandle> {
    return this.run(async (context) => {
      const { openFile } = await orAbort(import("./open-files/open.ts"), options.signal);
      return openFile(context, FsPath.parse(path), options);
    });
  }

  /** As {@link open}, for an entry wherever it is. */
  openById(id: VlobId, options: Omit<OpenOptions, "create" | "createNew"> = {}): Promise<FileHandle> {
    return this.run(async (context) => {
      const { openFileById } = await orAbort(import("./open-files/open.ts"), options.signal);
      return openFileById(context, id, options);
    });
  }

  /** Whether all content of a file is on this device. @throws as `isLocal` in `content/is-local.ts` */
  isLocal(path: string, options: OperationOptions = {}): Promise<boolean> {
    return this.run(async (context) => {
      const { isLocal } = await orAbort(import("./content/is-local.ts"), options.signal);
      return isLocal(context, FsPath.parse(path), options);
    });
  }

  /**
   * Brings the content of an entry, and of all below it, to this device, and keeps it here until it is released. Progress
   * counts bytes. @throws as `makeLocal` in `kept/make-local.ts`, loaded on first use
   */
  makeLocal(path: string, options: OperationOptions = {}): Promise<void> {
    return this.run(async (context) => {
      const { makeLocal } = await orAbort(import("./kept/make-local.ts"), options.signal);
      return makeLocal(context, FsPath.parse(path), options);
    });
  }

  /** What {@link makeLocal} kept may leave this device again, when space is needed. @throws as {@link stat} */
  release(path: string, options: OperationOptions = {}): Promise<void> {
    return this.run(async (context) => {
      const { release } = await orAbort(import("./kept/make-local.ts"), options.signal);
      return release(context, FsPath.parse(path), options);
    });
  }

  /**
   * Tells of each change of an entry, whoever made it. It begins with the call, and ends with the workspace.
   * @throws WorkspaceError ENTRY_NOT_FOUND, from the iterator
   */
  watch(path: string, options: WatchOptions = {}): AsyncGenerator<EntryChange, void, undefined> {
    return watch(this.opened, FsPath.parse(path), options);
  }

  /**
   * Looks for what is wrong: certificates, manifests, content, what this device has stored. Gives findings, none for a
   * sound workspace; downloads all content. See `verify` in `verify/verify.ts`, loaded on first use.
   */
  async *verify(options: OperationOptions = {}): AsyncGenerator<Finding, void, undefined> {
    const context = this.opened;
    const { verify } = await this.run(() => orAbort(import("./verify/verify.ts"), options.signal));
    yield* verify(context, options);
  }

  /**
   * Begins to edit a document in CryptPad with these keys, or joins those who do; gives the keys that are in use.
   * @throws as `joinEditingSession` in `collaboration/editing-session.ts`, loaded on first use
   */
  joinEditingSession(documentId: VlobId, keys: CandidateKeys, options: OperationOptions = {}): Promise<EditingKeys> {
    return this.run(async (context) => {
      requireId("documentId", documentId);
      requireText("keys.viewKey", keys.viewKey);
      requireText("keys.editKey", keys.editKey);
      const { joinEditingSession } = await orAbort(import("./collaboration/editing-session.ts"), options.signal);
      return joinEditingSession(context, documentId, keys, options);
    });
  }

  /** A link to a path, that members can open with {@link openLink}. @throws RealmKeysError */
  linkTo(path: string, options: OperationOptions = {}): Promise<PathLink> {
    return this.run(async (context) => {
      const { makePathLink } = await orAbort(import("./links/path-link.ts"), options.signal);
      return makePathLink(context, FsPath.parse(path), options);
    });
  }

  /** The path in a link to this workspace. @throws as `openPathLink` in `links/path-link.ts` */
  openLink(link: string | WorkspacePathAddress, options: OperationOptions = {}): Promise<string> {
    return this.run(async (context) => {
      requireAddress(link, "workspace_path");
      const { openPathLink } = await orAbort(import("./links/path-link.ts"), options.signal);
      return openPathLink(context, link, options);
    });
  }

  /**
   * The workspace as it was, at any moment since its first upload. Close it in the end.
   * @throws HistoryError NO_HISTORY; what reading the root throws
   */
  history(options: OperationOptions = {}): Promise<WorkspaceHistory> {
    return this.run(async (context) => {
      const { openHistory } = await orAbort(import("./history/index.ts"), options.signal);
      return openHistory(context, options);
    });
  }

  /** The versions of an entry, the latest first; also of one that was removed. @throws as `history/versions.ts` */
  async *versions(
    path: string,
    options: OperationOptions = {},
  ): AsyncGenerator<EntryVersion | DamagedVersion, void, undefined> {
    const context = this.opened;
    const { versions } = await this.run(() => orAbort(import("./history/index.ts"), options.signal));
    yield* versions(context, FsPath.parse(path), options);
  }

  /** What was removed from a folder, and {@link restore} can bring back. @throws as `history/versions.ts` */
  async *removed(path: string, options: OperationOptions = {}): AsyncGenerator<RemovedEntry, void, undefined> {
    const context = this.opened;
    const { removed } = await this.run(() => orAbort(import("./history/index.ts"), options.signal));
    yield* removed(context, FsPath.parse(path), options);
  }

  /**
   * Gives an entry the content of a moment again: the `date` of one of its {@link versions}, the `lastSeen` of what was
   * {@link removed}, or any other. Nothing is downloaded or uploaded again. @throws as `history/restore.ts`
   */
  restore(path: string, at: DateTime | Date, options: OperationOptions = {}): Promise<RestoreReport> {
    return this.run(async (context) => {
      const { restore, toDateTime } = await orAbort(import("./history/index.ts"), options.signal);
      return restore(context, FsPath.parse(path), toDateTime("at", at), options);
    });
  }

  /** Stores a tree of files under `target`. See `importTree` in `import/import-tree.ts`, loaded on first use. */
  async import(
    entries: AsyncIterable<ImportEntry> | Iterable<ImportEntry>,
    target: string,
    options: OperationOptions = {},
  ): Promise<ImportReport> {
    const tree = openTree(entries);
    try {
      return await this.run(async (context) => {
        const path = FsPath.parse(target, "target");
        const { importTree } = await orAbort(import("./import/import-tree.ts"), options.signal);
        return importTree(context, tree, path, options);
      });
    } finally {
      tree.close();
    }
  }

  /** What operations work with, as long as the workspace is open. @internal */
  protected get opened(): WorkspaceContext {
    const { session, closed } = this.context;
    throwIfClosed(session);
    if (closed.aborted) throw workspaceClosed();
    return this.context;
  }

  /** An operation ends with its workspace, whatever it waits for. @internal */
  protected async run<T>(operation: (context: WorkspaceContext) => Promise<T>): Promise<T> {
    const context = this.opened;
    return orAbort(operation(context), context.closed);
  }
}
