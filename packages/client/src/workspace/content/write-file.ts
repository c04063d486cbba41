import type { OperationOptions } from "@parsec/base";
import { FsPath, type LocalFileManifest, newLocalFileManifest, type VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { idsGone } from "../file/slot.ts";
import { isFile, type LocalManifest } from "../manifests.ts";
import { announceChanges, changeParent, checkWritable, now, withChildren } from "../tree/change-folder.ts";
import { childOf, resolveParent } from "../tree/resolve.ts";
import { type ByteSource, knownSize } from "./byte-source.ts";
import { maxFileSize } from "./limits.ts";
import { type StagedContent, stageContent } from "./stage-content.ts";

export interface WriteResult {
  readonly id: VlobId;
  /** `unchanged`: the file had exactly this content already. */
  readonly outcome: "created" | "replaced" | "unchanged";
  /** Bytes. */
  readonly size: number;
}

/**
 * Gives a file this content, whole or not at all: until the source has ended and everything is stored, the path shows
 * what it showed before. While an existing file is written, nobody else changes it.
 * @throws WorkspaceError READ_ONLY, CANNOT_CHANGE_ROOT, PARENT_NOT_FOUND, PARENT_IS_FILE, ENTRY_IS_FOLDER,
 * FILE_TOO_LARGE; StorageError; whatever the source throws
 */
export async function writeFile(
  context: WorkspaceContext,
  path: FsPath,
  source: ByteSource,
  options: OperationOptions = {},
): Promise<WriteResult> {
  checkWritable(context);
  checkFileSize(path, knownSize(source) ?? 0);
  const existing = await fileAt(context, path, options);
  if (existing !== undefined) return writeExisting(context, path, existing.base.id, source, options);
  const staged = await stage(context, path, source, undefined, options);
  return withoutJunk(context, staged, () => writeNew(context, path, staged, options));
}

async function fileAt(
  context: WorkspaceContext,
  path: FsPath,
  options: OperationOptions,
): Promise<LocalFileManifest | undefined> {
  const name = FsPath.name(path);
  if (name === undefined) throw new WorkspaceError("CANNOT_CHANGE_ROOT", "The root of a workspace is a folder");
  const child = await childOf(context, await resolveParent(context, path, options), name, options);
  return child === undefined ? undefined : asFile(path, child);
}

function asFile(path: FsPath, child: LocalManifest): LocalFileManifest {
  if (isFile(child)) return child;
  throw new WorkspaceError("ENTRY_IS_FOLDER", `${path} is a folder: a file cannot take its place`, {
    entryId: child.base.id,
  });
}

async function stage(
  context: WorkspaceContext,
  path: FsPath,
  source: ByteSource,
  before: LocalFileManifest | undefined,
  options: OperationOptions,
): Promise<StagedContent> {
  const total = knownSize(source);
  return stageContent(context, source, before, {
    signal: options.signal,
    onStaged: (done) => {
      checkFileSize(path, done);
      options.onProgress?.(total === undefined ? { done } : { done, total });
    },
  });
}

/** @throws WorkspaceError FILE_TOO_LARGE */
export function checkFileSize(path: FsPath, size: number): void {
  if (size <= maxFileSize) return;
  throw new WorkspaceError(
    "FILE_TOO_LARGE",
    `${path} would be too large: a file has at most ${maxFileSize} bytes, so that its manifest fits in one request`,
  );
}

function writeExisting(
  context: WorkspaceContext,
  path: FsPath,
  id: VlobId,
  source: ByteSource,
  options: OperationOptions,
): Promise<WriteResult> {
  return context.locks.run(
    [id],
    async () => {
      const before = asFile(path, await context.manifests.get(id, options));
      const staged = await stage(context, path, source, before, options);
      return withoutJunk(context, staged, () => replaceContent(context, before, staged));
    },
    options,
  );
}

async function replaceContent(
  context: WorkspaceContext,
  before: LocalFileManifest,
  staged: StagedContent,
): Promise<WriteResult> {
  const { size, slots, stored } = staged;
  const { id } = before.base;
  const isSame = stored.length === 0 && size === before.size && slots.length === before.blocks.length;
  if (isSame) return { id, outcome: "unchanged", size };
  const { blocksize } = staged;
  const manifest = { ...before, size, blocksize, blocks: slots, needSync: true, updated: now(context) };
  await context.manifests.saveFile(manifest, idsGone(before.blocks.flat(), slots.flat()));
  announceChanges(context, [manifest]);
  return { id, outcome: "replaced", size };
}

async function writeNew(
  context: WorkspaceContext,
  path: FsPath,
  staged: StagedContent,
  options: OperationOptions,
): Promise<WriteResult> {
  const { size, slots, blocksize } = staged;
  const written = await changeParent(
    context,
    path,
    async (parent, name) => {
      const rival = await childOf(context, parent, name, options);
      if (rival !== undefined) return { rival: asFile(path, rival).base.id };
      const { deviceId } = context.session.device;
      const empty = newLocalFileManifest(deviceId, parent.base.id, now(context));
      const file = { ...empty, size, blocksize, blocks: slots };
      const folder = withChildren(context, parent, new Map([[name, file.base.id]]));
      await context.manifests.save([file, folder]);
      announceChanges(context, [file, folder]);
      return { id: file.base.id };
    },
    options,
  );
  if (written.rival === undefined) return { id: written.id, outcome: "created", size };
  // Somebody created the file meanwhile: the last writer wins, as if it had been there from the start.
  const id = written.rival;
  return context.locks.run(
    [id],
    async () => replaceContent(context, asFile(path, await context.manifests.get(id, options)), staged),
    options,
  );
}

/** When the content does not become that of the file, what was stored for it goes. */
async function withoutJunk<T>(context: WorkspaceContext, staged: StagedContent, commit: () => Promise<T>): Promise<T> {
  try {
    return await commit();
  } catch (error) {
    await context.store.removeChunks(staged.stored);
    throw error;
  }
}
