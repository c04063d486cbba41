import { VlobId } from "@parsec/types";
import type { Failure } from "../../../monitors/failures.ts";
import type { WorkspaceContext } from "../../context.ts";
import { WorkspaceError } from "../../errors.ts";
import type { ChangedEntry } from "../pending.ts";
import { type LeftEntry, SyncIncompleteError } from "../sync-incomplete.ts";
import type { Aside } from "./aside-entries.ts";
import { localPath } from "./local-places.ts";

/** How a sync ended, for those who waited for it. */
export interface SyncEnd {
  /** What is set aside. */
  readonly aside: readonly Aside[];
  /** What this device still has to say to the server, set aside or not. */
  readonly changed: readonly ChangedEntry[];
  /** What keeps all uploads. */
  readonly uploadFailure: Failure | undefined;
  readonly canWrite: boolean;
}

/** What to tell those who waited; `undefined` when nothing is left. */
export async function reasonToReject(
  context: WorkspaceContext,
  { aside, changed, uploadFailure, canWrite }: SyncEnd,
): Promise<Error | undefined> {
  if (uploadFailure !== undefined && changed.length > 0) return uploadFailure.error;
  // Entries for which there was no answer say nothing about themselves.
  const away = aside.find(({ failure }) => failure.scope !== "entry" && !failure.isAnswer);
  if (away !== undefined) return away.failure.error;
  const left: LeftEntry[] = aside.map(({ id, path, failure }) => ({
    id,
    path,
    reason: failure.code,
    error: failure.error,
  }));
  const named = new Set(left.map(({ id }) => id));
  for (const { id } of changed) {
    if (named.has(id)) continue;
    const error = canWrite ? busyEntry(id) : readOnlyEntry(id);
    const path = await localPath(context, id).catch(() => undefined);
    left.push({ id, path, reason: error.code, error });
  }
  return left.length === 0 ? undefined : new SyncIncompleteError(left);
}

export function busyEntry(entryId: VlobId): WorkspaceError {
  return new WorkspaceError("ENTRY_BUSY", "Somebody changes this entry all the time: it goes up when they are done", {
    entryId,
  });
}

export function contestedEntry(entryId: VlobId): WorkspaceError {
  return new WorkspaceError(
    "ENTRY_CONTESTED",
    `Others change entry ${VlobId.display(entryId)} as fast as this device merges: it is tried again later`,
    { entryId },
  );
}

function readOnlyEntry(entryId: VlobId): WorkspaceError {
  return new WorkspaceError(
    "READ_ONLY",
    "This entry was changed here, and you may not change this workspace any more",
    {
      entryId,
    },
  );
}
