import { hasCode, joinSignals, requireArgument } from "@parsec/base";
import type { FsPath, LocalFileManifest, VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { isFile, type LocalManifest, type ManifestOptions } from "../manifests.ts";
import { checkWritable } from "../tree/change-folder.ts";
import { createFile } from "../tree/create-file.ts";
import { type ManifestSource, resolve } from "../tree/resolve.ts";
import { FileHandle, type HandleRights } from "./file-handle.ts";
import { OpenFile } from "./open-file.ts";

export interface OpenOptions {
  /** Allow to read. Default: true, unless `write` is. */
  readonly read?: boolean | undefined;
  /** Allow to write. Default false. */
  readonly write?: boolean | undefined;
  /** Create the file, empty, when there is none. Default false. */
  readonly create?: boolean | undefined;
  /** Create the file, and refuse when there is an entry: of several who do that at once, one succeeds. Default false. */
  readonly createNew?: boolean | undefined;
  /** Cut the file at 0 bytes. Needs `write`. Default false. */
  readonly truncate?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a file (spec 11 §7.1).
 * @throws WorkspaceError READ_ONLY, ENTRY_NOT_FOUND, ENTRY_IS_FOLDER, ENTRY_EXISTS (createNew), PARENT_NOT_FOUND and
 * PARENT_IS_FILE (create); InvalidArgumentError; what fetching manifests throws
 */
export async function openFile(context: WorkspaceContext, path: FsPath, options: OpenOptions): Promise<FileHandle> {
  const rights = checkOptions(context, options);
  return withSignal(context, options, async (signal) => {
    if (options.createNew === true) {
      const id = await createFile(context, path, { signal });
      return openEntry(context, id, rights, options, { signal });
    }
    for (;;) {
      try {
        return await openExisting(context, path, rights, options, { signal });
      } catch (error) {
        if (options.create !== true || !hasCode(error, "ENTRY_NOT_FOUND")) throw error;
      }
      try {
        await createFile(context, path, { signal });
      } catch (error) {
        // Somebody else was faster: that is the one to open.
        if (!hasCode(error, "ENTRY_EXISTS")) throw error;
      }
    }
  });
}

/** As {@link openFile}, for an entry wherever it is. */
export async function openFileById(
  context: WorkspaceContext,
  id: VlobId,
  options: Omit<OpenOptions, "create" | "createNew">,
): Promise<FileHandle> {
  const rights = checkOptions(context, options);
  return withSignal(context, options, (signal) => openEntry(context, id, rights, options, { signal }));
}

function checkOptions(context: WorkspaceContext, options: OpenOptions): HandleRights {
  const { write = false, read = !write, create, createNew, truncate } = options;
  for (const [name, value] of Object.entries({ read, write, create, createNew, truncate })) {
    requireArgument(`options.${name}`, value, "a boolean", value === undefined || typeof value === "boolean");
  }
  requireArgument("options.truncate", truncate, "left out without write", truncate !== true || write);
  if (write || create === true || createNew === true) checkWritable(context);
  return { read, write };
}

async function withSignal<T>(
  context: WorkspaceContext,
  { signal }: OpenOptions,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const joined = joinSignals(signal, context.closed);
  try {
    return await task(joined.signal);
  } finally {
    joined.release();
  }
}

async function openExisting(
  context: WorkspaceContext,
  path: FsPath,
  rights: HandleRights,
  options: OpenOptions,
  signals: ManifestOptions,
): Promise<FileHandle> {
  for (;;) {
    // What is not here is fetched before the lock is taken; what changes in between is looked up again.
    const { manifest } = await resolve(context, context.manifests.with(signals), path);
    const handle = await join(context, rights, (local) => resolvedHere(context, local, path), signals);
    if (handle === "folder") throw isFolderError(path, manifest.base.id);
    if (handle !== undefined) return truncated(handle, options);
  }
}

async function resolvedHere(
  context: WorkspaceContext,
  local: ManifestSource,
  path: FsPath,
): Promise<LocalManifest | undefined> {
  try {
    return (await resolve(context, local, path)).manifest;
  } catch (error) {
    if (hasCode(error, "ENTRY_NOT_FOUND")) return undefined;
    throw error;
  }
}

async function openEntry(
  context: WorkspaceContext,
  id: VlobId,
  rights: HandleRights,
  options: OpenOptions,
  signals: ManifestOptions,
): Promise<FileHandle> {
  await context.manifests.get(id, signals);
  const handle = await join(context, rights, (local) => local.find(id), signals);
  if (handle === "folder") throw isFolderError(id, id);
  if (handle === undefined) {
    throw new WorkspaceError("ENTRY_NOT_FOUND", "The entry was removed while it was being opened", { entryId: id });
  }
  return truncated(handle, options);
}

/** While nobody changes the tree: what is found is what is opened. */
function join(
  context: WorkspaceContext,
  rights: HandleRights,
  find: (local: ManifestSource) => Promise<LocalManifest | undefined>,
  signals: ManifestOptions,
): Promise<FileHandle | "folder" | undefined> {
  const { tree, manifests, openFiles } = context;
  const local = { find: (id: VlobId) => manifests.getReadable(id) };
  return tree.run(async () => {
    const manifest = await find(local);
    if (manifest === undefined) return undefined;
    if (!isFile(manifest)) return "folder";
    const make = (file: LocalFileManifest, hold: ConstructorParameters<typeof OpenFile>[3]) =>
      new OpenFile(context, openFiles.memory, file, hold);
    return new FileHandle(context, openFiles.join(manifest, rights, make), rights);
  }, signals);
}

async function truncated(handle: FileHandle, { truncate, signal }: OpenOptions): Promise<FileHandle> {
  if (truncate !== true) return handle;
  try {
    await handle.resize(0, { signal });
    return handle;
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error;
  }
}

function isFolderError(path: string, entryId: VlobId): WorkspaceError {
  return new WorkspaceError("ENTRY_IS_FOLDER", `${path} is a folder: it has no content`, { entryId });
}
