import { joinSignals, type OperationOptions } from "@parsec/base";
import type { FileManifestOrigin, VlobId } from "@parsec/types";
import type { SourceReader } from "../content/byte-source.ts";
import { discardStaged, ownChunks, putContent, settleStaged } from "../content/put-content.ts";
import type { StagedContent } from "../content/stage-content.ts";
import { stageContent } from "../content/stage-content.ts";
import { checkFileSize } from "../content/write-file.ts";
import type { WorkspaceContext } from "../context.ts";
import { entryNotFound, WorkspaceError } from "../errors.ts";
import { isFile } from "../manifests.ts";
import { changeParent, checkWritable } from "../tree/change-folder.ts";
import { whereabouts } from "../tree/path-of.ts";
import { childOf } from "../tree/resolve.ts";

/** The CryptPad session that a content comes from. */
export type EditorOrigin = Omit<Extract<FileManifestOrigin, { type: "CRYPTPAD" }>, "type">;

/**
 * Gives a file the content that was edited in a session, and writes down which one that was: of two contents of one
 * session the later one counts, and nobody has a conflict. Whoever opened the source closes it.
 * @throws WorkspaceError READ_ONLY, ENTRY_NOT_FOUND, ENTRY_IS_FOLDER, FILE_TOO_LARGE; StorageError; what the source throws
 */
export async function saveEdited(
  context: WorkspaceContext,
  id: VlobId,
  source: SourceReader,
  { channelId, timestamp }: EditorOrigin,
  options: OperationOptions,
): Promise<void> {
  checkWritable(context);
  const joined = joinSignals(options.signal, context.closed);
  try {
    const origin = { type: "CRYPTPAD", channelId, timestamp } as const;
    const before = await context.manifests.get(id, joined);
    if (!isFile(before)) throw new WorkspaceError("ENTRY_IS_FOLDER", "A folder has no content", { entryId: id });
    const staged = await stageContent(context, source, before, {
      signal: joined.signal,
      onStaged: (done) => {
        checkFileSize("The file", done);
        options.onProgress?.({ done });
      },
    });
    await commit(context, id, staged, origin, joined.signal);
  } finally {
    joined.release();
  }
}

async function commit(
  context: WorkspaceContext,
  id: VlobId,
  staged: StagedContent,
  origin: FileManifestOrigin,
  signal: AbortSignal,
): Promise<void> {
  let content = staged;
  try {
    for (;;) {
      const where = await whereabouts(context, id, { signal });
      if (where.kind !== "reachable") throw entryNotFound(id, id);
      const { path } = where;
      const now = content;
      const result = await changeParent(
        context,
        path,
        async ({ draft, parent, name }) => {
          const child = await childOf(context, draft, parent, name);
          // It was moved in this very moment.
          if (child?.base.id !== id) return "elsewhere";
          const put = await putContent(context, draft, { path, parent, name }, now);
          const current = await draft.getLocal(id);
          if ("foreign" in put || current === undefined || !isFile(current)) return put;
          draft.put({ ...current, origin, needSync: true, updated: draft.now });
          return put;
        },
        { signal },
      );
      if (result === "elsewhere") continue;
      if (!("foreign" in result)) {
        settleStaged(context, content, result);
        return;
      }
      content = await ownChunks(context, content, result);
    }
  } catch (error) {
    discardStaged(context, content);
    throw error;
  }
}
