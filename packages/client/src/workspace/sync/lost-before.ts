import { breathe } from "@parsec/base";
import type { DeviceId, LocalFolderManifest, VlobId } from "@parsec/types";
import { isFolder, isForgotten, type LocalManifest } from "../manifests.ts";
import type { Suspect } from "../merge/rescue.ts";
import { nameIn } from "../tree/name-index.ts";

interface LocalEntries {
  readonly realmId: VlobId;
  readonly deviceId: DeviceId;
  readonly manifests: {
    /** Every entry of this device that can be read. */
    all(): AsyncIterable<LocalManifest>;
    folders(): Promise<ReadonlyMap<VlobId, LocalFolderManifest>>;
  };
}

/** Where the way up from a folder ends. */
type End = { readonly kind: "root" | "circle" } | { readonly kind: "lost"; readonly top: LocalFolderManifest };

/**
 * The entries that a process may have left without a place, having merged what took it, and ended before it gave them
 * another one: what a folder lists that the entry does not name, what is in a circle, and what others wrote in a folder
 * after it was removed here. All entries are looked at, each once.
 */
export async function lostBefore({ realmId, deviceId, manifests }: LocalEntries): Promise<readonly Suspect[]> {
  const folders = await manifests.folders();
  const listed = new Set<VlobId>();
  for (const { children } of folders.values()) for (const id of children.values()) listed.add(id);
  const endOf = waysUp(folders, realmId);
  const suspects: Suspect[] = [];
  for await (const entry of manifests.all()) {
    await breathe();
    const { base } = entry;
    if (base.id === realmId || isForgotten(entry)) continue;
    const parent = folders.get(entry.parent);
    if (parent === undefined || nameIn(parent.children, base.id) === undefined) {
      if (listed.has(base.id)) suspects.push({ id: base.id, must: false });
      continue;
    }
    const end = endOf(parent);
    if (end.kind === "circle" && isFolder(entry)) suspects.push({ id: base.id, must: false });
    if (end.kind === "lost" && base.author !== deviceId && isAfterRemoval(folders, entry, end.top)) {
      suspects.push({ id: base.id, must: true });
    }
  }
  return suspects;
}

/** Whoever removed the folder wrote the one above it, and cannot have seen what was written after that. */
function isAfterRemoval(
  folders: ReadonlyMap<VlobId, LocalFolderManifest>,
  { base }: LocalManifest,
  top: LocalFolderManifest,
): boolean {
  const above = folders.get(top.parent);
  return above !== undefined && base.timestamp > above.updated;
}

/** Climbs, each folder once. */
function waysUp(
  folders: ReadonlyMap<VlobId, LocalFolderManifest>,
  realmId: VlobId,
): (folder: LocalFolderManifest) => End {
  const ends = new Map<VlobId, End>([[realmId, { kind: "root" }]]);
  return (folder) => {
    const climbed = new Set<VlobId>();
    let end: End | undefined;
    for (let current = folder; end === undefined; ) {
      const { id } = current.base;
      end = climbed.has(id) ? { kind: "circle" } : ends.get(id);
      climbed.add(id);
      if (end !== undefined) break;
      const parent = folders.get(current.parent);
      if (parent === undefined || nameIn(parent.children, id) === undefined) end = { kind: "lost", top: current };
      else current = parent;
    }
    for (const id of climbed) ends.set(id, end);
    return end;
  };
}
