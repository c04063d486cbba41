import type { EntryName, NamePattern, VlobId } from "@parsec/types";
import { isFolder, type LocalManifest } from "../manifests.ts";
import { nameConflictName } from "../merge/conflict-name.ts";
import type { TreeDraft } from "./draft.ts";

/**
 * What is confined to this device and was below a removed entry moves up to the folder that is left, where it stays as
 * confined as it was. Nobody else knows of it, and no server has it. Of files whose very name confines them, as systems
 * put them into every folder, the one that is there already stays.
 */
export async function keepConfined(
  { pattern }: { readonly pattern: NamePattern },
  draft: TreeDraft,
  removed: VlobId,
  folderId: VlobId,
): Promise<void> {
  for (const { name, entry } of await confinedBelow(draft, removed)) {
    const folder = await draft.getLocal(folderId);
    if (folder === undefined || !isFolder(folder)) return;
    const isTaken = (candidate: EntryName) => folder.children.has(candidate);
    const free = isTaken(name) ? nameConflictName(name, isTaken) : name;
    if (!pattern.matches(free)) continue;
    draft.put({ ...entry, parent: folderId, needSync: true });
    await draft.bind(folderId, free, entry.base.id);
  }
}

async function confinedBelow(
  draft: TreeDraft,
  top: VlobId,
): Promise<readonly { readonly name: EntryName; readonly entry: LocalManifest }[]> {
  const found: { name: EntryName; entry: LocalManifest }[] = [];
  const seen = new Set<VlobId>();
  const left = [top];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const folder = await draft.getLocal(next);
    if (folder === undefined || !isFolder(folder) || seen.has(next)) continue;
    seen.add(next);
    for (const [name, id] of folder.children) {
      const entry = await draft.getLocal(id);
      if (entry?.parent !== next) continue;
      if (folder.localConfinementPoints.has(id)) found.push({ name, entry });
      else left.push(id);
    }
  }
  return found;
}
