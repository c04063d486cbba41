import type { WorkspaceStore } from "@parsec/storage";
import { applyPreventSyncPattern, type DateTime, type PreventSyncPattern } from "@parsec/types";
import { isFolder } from "./manifests.ts";

const pageSize = 1000;

/**
 * Brings every stored folder in line with the pattern, when another one was in force before (spec 11 §9.5). Runs before
 * any manifest is used; a crash in between makes the next start do it again.
 */
export async function applyPattern(store: WorkspaceStore, pattern: PreventSyncPattern, now: DateTime): Promise<void> {
  if (await store.setPreventSyncPattern(pattern.text)) return;
  for (let offset = 0; ; offset += pageSize) {
    const page = await store.listManifests(offset, pageSize);
    const folders = page.filter(isFolder);
    await store.updateManifests(folders.map((folder) => applyPreventSyncPattern(folder, pattern, now)));
    if (page.length < pageSize) break;
  }
  await store.markPreventSyncPatternFullyApplied(pattern.text);
}
