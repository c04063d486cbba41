import { joinSignals, type OperationOptions } from "@parsec/base";
import { FsPath, type LocalFileManifest } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { changeParent, checkWritable } from "../tree/change-folder.ts";
import { childOf, resolveParent } from "../tree/resolve.ts";
import type { SourceReader } from "./byte-source.ts";
import { maxFileSize } from "./limits.ts";
import { asFile, discardStaged, ownChunks, putContent, settleStaged, type WriteResult } from "./put-content.ts";
import { type StagedContent, stageContent } from "./stage-content.ts";

/**
 * Gives a file this content, whole or not at all: until the source has ended and everything is stored, the path shows
 * what it showed before. Nothing is locked meanwhile: of two writers of one path both succeed, and the content of the
 * later one to end stays. Whoever opened the source closes it.
 * @throws WorkspaceError READ_ONLY, CANNOT_CHANGE_ROOT, PARENT_NOT_FOUND, PARENT_IS_FILE, ENTRY_IS_FOLDER,
 * FILE_TOO_LARGE; StorageError; whatever the source throws
 */
export async function writeFile(
  context: WorkspaceContext,
  path: FsPath,
  source: SourceReader,
  options: OperationOptions = {},
): Promise<WriteResult> {
  checkWritable(context);
  checkFileSize(path, source.size ?? 0);
  const joined = joinSignals(options.signal, context.closed);
  const { signal } = joined;
  try {
    const before = await fileAt(context, path, signal);
    const staged = await stage(context, path, source, before, { ...options, signal });
    return await commit(context, path, staged, signal);
  } finally {
    joined.release();
  }
}

async function fileAt(
  context: WorkspaceContext,
  path: FsPath,
  signal: AbortSignal,
): Promise<LocalFileManifest | undefined> {
  const name = FsPath.name(path);
  if (name === undefined) throw new WorkspaceError("CANNOT_CHANGE_ROOT", "The root of a workspace is a folder");
  const source = context.manifests.with({ signal });
  const child = await childOf(context, source, await resolveParent(context, source, path), name);
  return child === undefined ? undefined : asFile(path, child);
}

function stage(
  context: WorkspaceContext,
  path: FsPath,
  source: SourceReader,
  before: LocalFileManifest | undefined,
  options: OperationOptions,
): Promise<StagedContent> {
  const total = source.size;
  return stageContent(context, source, before, {
    signal: options.signal,
    onStaged: (done) => {
      checkFileSize(path, done);
      options.onProgress?.(total === undefined ? { done } : { done, total });
    },
  });
}

/** @throws WorkspaceError FILE_TOO_LARGE */
export function checkFileSize(path: string, size: number): void {
  if (size <= maxFileSize) return;
  throw new WorkspaceError(
    "FILE_TOO_LARGE",
    `${path} would be too large: a file has at most ${maxFileSize} bytes, so that its manifest fits in one request`,
  );
}

/** The staged content becomes that of the file, or goes. */
export async function commit(
  context: WorkspaceContext,
  path: FsPath,
  staged: StagedContent,
  signal: AbortSignal,
): Promise<WriteResult> {
  let content = staged;
  try {
    for (;;) {
      const now = content;
      const result = await changeParent(
        context,
        path,
        ({ draft, parent, name }) => putContent(context, draft, { path, parent, name }, now),
        { signal },
      );
      if (!("foreign" in result)) {
        settleStaged(context, content, result);
        return result;
      }
      content = await ownChunks(context, content, result);
    }
  } catch (error) {
    discardStaged(context, content);
    throw error;
  }
}
