import type { OperationOptions } from "@parsec/base";
import { FsPath, type LocalFileManifest, newLocalFileManifest, type VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { idsGone } from "../file/slot.ts";
import { isFile, type LocalManifest } from "../manifests.ts";
import { changeParent, checkWritable } from "../tree/change-folder.ts";
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
 * what it showed before. Of two writers of one path, both succeed, and the later one to end has its content stay.
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
  const before = await fileAt(context, path, options);
  const staged = await stage(context, path, source, before, options);
  return withoutJunk(context, staged, () => commit(context, path, before, staged, options));
}

async function fileAt(
  context: WorkspaceContext,
  path: FsPath,
  options: OperationOptions,
): Promise<LocalFileManifest | undefined> {
  const name = FsPath.name(path);
  if (name === undefined) throw new WorkspaceError("CANNOT_CHANGE_ROOT", "The root of a workspace is a folder");
  const source = context.manifests.with(options);
  const child = await childOf(context, source, await resolveParent(context, source, path), name);
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

async function commit(
  context: WorkspaceContext,
  path: FsPath,
  before: LocalFileManifest | undefined,
  staged: StagedContent,
  options: OperationOptions,
): Promise<WriteResult> {
  const { size, slots, blocksize, stored } = staged;
  return changeParent(
    context,
    path,
    async ({ draft, parent, name }) => {
      const child = await childOf(context, draft, parent, name);
      if (child === undefined) {
        const empty = newLocalFileManifest(context.session.device.deviceId, parent.base.id, draft.now);
        draft.put({ ...empty, size, blocksize, blocks: slots });
        await draft.bind(parent.base.id, name, empty.base.id);
        return { id: empty.base.id, outcome: "created", size };
      }
      const current = asFile(path, child);
      const { id } = current.base;
      const isSame = stored.length === 0 && size === current.size && slots.length === current.blocks.length;
      if (current === before && isSame) return { id, outcome: "unchanged", size };
      draft.put({ ...current, size, blocksize, blocks: slots, needSync: true, updated: draft.now });
      draft.removeChunks(idsGone(current.blocks.flat(), slots.flat()));
      return { id, outcome: "replaced", size };
    },
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
