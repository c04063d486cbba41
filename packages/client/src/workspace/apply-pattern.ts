import type { PageCursor, WorkspaceStore } from "@parsec/storage";
import { applyPreventSyncPattern, type DateTime, type PreventSyncPattern } from "@parsec/types";
import { isFolder } from "./manifests.ts";

const pageSize = 1000;

/**
 * Brings every stored folder in line with the pattern, when another one was in force before (spec 11 §9.5). Runs before
 * any manifest is used; a crash in between makes the next start do it again.
 */
export async function applyPattern(store: WorkspaceStore, pattern: PreventSyncPattern, now: DateTime): Promise<void> {
  if (await store.setPreventSyncPattern(pattern.text)) return;
  let after: PageCursor | undefined;
  do {
    const { items, next } = await store.listManifests(after, pageSize);
    // One that is damaged is fetched again when it is needed, under the pattern of then.
    const folders = items.flatMap((item) => ("damage" in item || !isFolder(item) ? [] : [item]));
    await store.updateManifests(folders.map((folder) => applyPreventSyncPattern(folder, pattern, now)));
    after = next;
  } while (after !== undefined);
  await store.markPreventSyncPatternFullyApplied(pattern.text);
}
