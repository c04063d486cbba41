import { breathe, hasCode, joinSignals, type OperationOptions, throwIfAborted } from "@parsec/base";
import {
  chunkIdOfBlock,
  type DateTime,
  type EntryName,
  type FileManifest,
  FsPath,
  localFileManifestFromRemote,
} from "@parsec/types";
import type { ChunkHold } from "../content/chunk-pins.ts";
import { putContent } from "../content/put-content.ts";
import type { StagedContent } from "../content/stage-content.ts";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import { changeParent, checkWritable } from "../tree/change-folder.ts";
import { createFolders } from "../tree/create-folder.ts";
import { HistoryTree } from "./history-tree.ts";
import { serverSource } from "./server-source.ts";
import type { SourceOptions } from "./source.ts";
import { entryThatHad, idNow } from "./versions.ts";
import { checkBounds } from "./workspace-history.ts";

/** What a restore brought back. */
export interface RestoreReport {
  /** Files that were made anew, or whose content is the old one again. */
  readonly restored: number;
  /** Files that had exactly that content. */
  readonly unchanged: number;
}

/**
 * Gives a file, or a folder with all that was in it, the content of a moment again. What was removed comes back as a new
 * entry; what came since stays. Nothing is downloaded or uploaded: the files name the blocks that the server has.
 * Progress counts entries.
 * @throws WorkspaceError READ_ONLY, ENTRY_NOT_FOUND (there was no such entry then), ENTRY_IS_FOLDER, ENTRY_IS_FILE,
 * PARENT_IS_FILE (another kind of entry has its place); HistoryError; what reading throws; StorageError
 */
export async function restore(
  context: WorkspaceContext,
  path: FsPath,
  at: DateTime,
  options: OperationOptions,
): Promise<RestoreReport> {
  checkWritable(context);
  const joined = joinSignals(options.signal, context.closed);
  try {
    const source = await serverSource(context, joined);
    const tree = new HistoryTree(source);
    const restoring = new Restoring(context, tree, at, { signal: joined.signal, onProgress: options.onProgress });
    const top = await versionToRestore(context, tree, { path, at }, joined);
    if (!FsPath.isRoot(path)) await createFolders(context, FsPath.parent(path), joined);
    await restoring.restore(path, top);
    return { restored: restoring.restored, unchanged: restoring.unchanged };
  } finally {
    joined.release();
  }
}

/**
 * What a path showed at a moment. A moment that is the date of a version of the entry with this path is that version, also
 * when the folder listed it only afterwards: a file is uploaded before the folder that names it.
 */
async function versionToRestore(
  context: WorkspaceContext,
  tree: HistoryTree,
  { path, at }: { readonly path: FsPath; readonly at: DateTime },
  options: SourceOptions,
): Promise<RemoteManifest> {
  const own = await versionOfEntry(context, tree, { path, at }, options);
  if (own?.timestamp === at) return own;
  checkBounds(tree.source, at);
  return tree.resolve(path, at, options);
}

async function versionOfEntry(
  context: WorkspaceContext,
  tree: HistoryTree,
  { path, at }: { readonly path: FsPath; readonly at: DateTime },
  options: SourceOptions,
): Promise<RemoteManifest | undefined> {
  try {
    const id = await entryThatHad(tree.source, path, idNow(context, options), options);
    return await tree.get(id, at, options);
  } catch (error) {
    if (hasCode(error, "ENTRY_NOT_FOUND")) return undefined;
    throw error;
  }
}

class Restoring {
  restored = 0;
  unchanged = 0;
  readonly #context: WorkspaceContext;
  readonly #tree: HistoryTree;
  readonly #at: DateTime;
  readonly #options: OperationOptions;
  #known = 1;
  #done = 0;

  constructor(context: WorkspaceContext, tree: HistoryTree, at: DateTime, options: OperationOptions) {
    this.#context = context;
    this.#tree = tree;
    this.#at = at;
    this.#options = options;
  }

  async restore(path: FsPath, manifest: RemoteManifest): Promise<void> {
    await breathe();
    throwIfAborted(this.#options.signal);
    if (manifest.type === "file_manifest") await this.#restoreFile(path, manifest);
    else await this.#restoreFolder(path, manifest);
    this.#done += 1;
    this.#options.onProgress?.({ done: this.#done, total: this.#known });
  }

  async #restoreFolder(path: FsPath, manifest: RemoteManifest): Promise<void> {
    const signals: SourceOptions = { signal: this.#options.signal };
    await createFolders(this.#context, path, signals);
    const entries = await this.#tree.list(manifest, this.#at, signals);
    const names = new Map<string, EntryName>(entries.map(({ id, name }) => [id, name]));
    this.#known += names.size;
    for (const child of await this.#tree.getAll(
      entries.map(({ id }) => id),
      this.#at,
      signals,
    )) {
      const name = names.get(child.id);
      if (name !== undefined) await this.restore(FsPath.join(path, name), child);
    }
  }

  async #restoreFile(path: FsPath, manifest: FileManifest): Promise<void> {
    const { pins, sentChunks } = this.#context;
    const ids = manifest.blocks.map(({ id }) => chunkIdOfBlock(id));
    const hold: ChunkHold = pins.holdNew();
    hold.add(ids);
    // A version that the server has names them: they are there.
    for (const id of ids) sentChunks.addProved(id);
    const { size, blocksize, blocks: slots } = localFileManifestFromRemote(manifest);
    const content: StagedContent = { size, blocksize, slots, stored: [], hold };
    try {
      const result = await changeParent(
        this.#context,
        path,
        ({ draft, parent, name }) => putContent(this.#context, draft, { path, parent, name }, content),
        { signal: this.#options.signal },
      );
      if ("foreign" in result) {
        throw new WorkspaceError("ENTRY_BUSY", `${path} is being uploaded: restore it again`);
      }
      if (result.outcome === "unchanged") this.unchanged += 1;
      else this.restored += 1;
    } finally {
      hold.release();
    }
  }
}
