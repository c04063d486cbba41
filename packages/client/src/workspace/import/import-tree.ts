import { forEachConcurrently, type JoinedSignals, joinSignals, type OperationOptions } from "@parsec/base";
import type { FsPath } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { checkWritable } from "../tree/change-folder.ts";
import { createFolders } from "../tree/create-folder.ts";
import type { ImportReport } from "./entry.ts";
import { ImportRun } from "./import-run.ts";
import type { TreeReader } from "./tree-reader.ts";

/** Entries that are taken in at the same time. */
const entriesInFlight = 8;

/**
 * Imports a tree under `target`. Files and folders appear in batches, soon after they were read: after an interruption,
 * run it again and it finishes. Files that are there already with the same content are passed over, and of changed ones
 * only the blocks that differ are stored. What a workspace cannot hold, the prevent-sync pattern matches, or the outside
 * cannot give, is left out and reported. On failure and abort what was read completely is put in the tree all the same.
 * @throws EqualNamesError; WorkspaceError ENTRY_EXISTS (a file where a folder goes),
 * ENTRY_IS_FOLDER (a folder where a file goes), PARENT_NOT_FOUND, READ_ONLY; StorageError; what the tree itself throws
 */
export async function importTree(
  context: WorkspaceContext,
  tree: TreeReader,
  target: FsPath,
  options: OperationOptions = {},
): Promise<ImportReport> {
  const joined = joinSignals(options.signal, context.closed);
  try {
    checkWritable(context);
    await createFolders(context, target, { signal: joined.signal });
    const run = new ImportRun(context, target, { ...options, signal: joined.signal });
    await takeAll(run, tree, joined);
    return run.report();
  } finally {
    joined.release();
  }
}

async function takeAll(run: ImportRun, tree: TreeReader, joined: JoinedSignals): Promise<void> {
  try {
    await forEachConcurrently(tree.all(joined.signal), entriesInFlight, async (entry) => {
      try {
        await run.take(entry);
      } catch (error) {
        // Also ends the wait for a tree that may never answer.
        joined.abort(error);
        throw error;
      }
    });
  } catch (error) {
    // The first failure tells; what is complete stays.
    await run.finish().catch(() => undefined);
    throw error;
  }
  await run.finish();
}
