import {
  breathe,
  forEachConcurrently,
  InvalidArgumentError,
  type JoinedSignals,
  joinSignals,
  type OperationOptions,
  orAbort,
} from "@parsec/base";
import type { FsPath } from "@parsec/types";
import { pullIterable } from "../content/byte-source.ts";
import type { WorkspaceContext } from "../context.ts";
import { checkWritable } from "../tree/change-folder.ts";
import { createFolders } from "../tree/create-folder.ts";
import type { ImportEntry, ImportReport } from "./entry.ts";
import { ImportRun } from "./import-run.ts";

/** Entries that are taken in at the same time. */
const entriesInFlight = 8;

/**
 * Imports a tree under `target`. Files and folders appear in batches, soon after they were read: after an interruption,
 * run it again and it finishes. Files that are there already with the same content are passed over, and of changed ones
 * only the blocks that differ are stored. What a workspace cannot hold, the prevent-sync pattern matches, or the outside
 * cannot give, is left out and reported. On failure and abort what was read completely is put in the tree all the same.
 * @throws InvalidArgumentError; EqualNamesError; WorkspaceError ENTRY_EXISTS (a file where a folder goes),
 * ENTRY_IS_FOLDER (a folder where a file goes), PARENT_NOT_FOUND, READ_ONLY; StorageError; what the tree itself throws
 */
export async function importTree(
  context: WorkspaceContext,
  entries: AsyncIterable<ImportEntry> | Iterable<ImportEntry>,
  target: FsPath,
  options: OperationOptions = {},
): Promise<ImportReport> {
  const pull = pullEntries(entries);
  const joined = joinSignals(options.signal, context.closed);
  try {
    checkWritable(context);
    await createFolders(context, target, { signal: joined.signal });
    const run = new ImportRun(context, target, { ...options, signal: joined.signal });
    await takeAll(run, pull, joined);
    return run.report();
  } finally {
    pull.close();
    joined.release();
  }
}

interface Entries {
  all(signal: AbortSignal): AsyncGenerator<ImportEntry, void, undefined>;
  /** Tells the tree that nobody reads on; waits for nothing. */
  close(): void;
}

function pullEntries(entries: AsyncIterable<ImportEntry> | Iterable<ImportEntry>): Entries {
  if (
    typeof entries !== "object" ||
    entries === null ||
    !(Symbol.asyncIterator in entries || Symbol.iterator in entries)
  ) {
    throw new InvalidArgumentError("entries", "an iterable of entries", entries);
  }
  const pull = pullIterable<ImportEntry>(entries);
  return {
    async *all(signal) {
      for (;;) {
        await breathe();
        const { done, value } = await orAbort(pull.next(), signal);
        if (done === true || value === undefined) return;
        yield value;
      }
    },
    close: () => pull.close(undefined),
  };
}

async function takeAll(run: ImportRun, entries: Entries, joined: JoinedSignals): Promise<void> {
  try {
    await forEachConcurrently(entries.all(joined.signal), entriesInFlight, async (entry) => {
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
