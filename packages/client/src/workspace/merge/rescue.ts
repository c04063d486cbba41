import { EntryName, type LocalFolderManifest, newLocalFolderManifest, VlobId } from "@parsec/types";
import { isFolder, isForgotten, type LocalManifest } from "../manifests.ts";
import type { MergeContext } from "../sync/merge-remote.ts";
import type { TreeDraft } from "../tree/draft.ts";
import { keepConfined } from "../tree/keep-confined.ts";
import { nameIn } from "../tree/name-index.ts";
import { isReachable } from "../tree/reachable.ts";
import { nameConflictName } from "./conflict-name.ts";

// Two devices that move, remove and edit at once can leave an entry without a place: its folder is gone, or names it no
// more, or two folders became each other's child. Nothing of that is an error of anybody, and none of the two knows it
// before it has merged what the other did. Rescue finds a place again for what has work of this device in it.

/** An entry that may have lost its place. */
export interface Suspect {
  readonly id: VlobId;
  /**
   * It has to show: it waits for an upload, or whoever removed it cannot have seen what it is now. Otherwise it gets a
   * place only when a folder lists it that it does not name, or when it is in a circle, and only by whom it concerns.
   */
  readonly must: boolean;
}

/** What all folders of this device, also those that lead nowhere, say of lost entries. */
export interface Listings {
  /** The folders that have the entry among their children, by ascending id. */
  foldersOf(id: VlobId): readonly VlobId[];
  /** A name that the entry has, or had, in one of them. */
  nameOf(id: VlobId): EntryName | undefined;
}

/** Where an entry hangs. */
export type Place =
  | { readonly kind: "reachable" }
  /** `lostWith`: it is the last entry on the way up, and no path leads to it either. */
  | { readonly kind: "confined"; readonly lostWith: VlobId | undefined }
  /** `tops`: the last entry on the way up; all of its members, by ascending id, when the way is a circle. */
  | { readonly kind: "lost"; readonly tops: readonly VlobId[]; readonly isCircle: boolean };

interface LocalSource {
  getLocal(id: VlobId): Promise<LocalManifest | undefined>;
}

/** Climbs from an entry. Entries that are not on this device end the way. */
export async function placeOf(source: LocalSource, rootId: VlobId, id: VlobId): Promise<Place> {
  const way = new Set<VlobId>();
  let isConfined = false;
  for (let current = id; current !== rootId; ) {
    if (way.has(current)) {
      const members = [...way];
      return { kind: "lost", tops: members.slice(members.indexOf(current)).sort(), isCircle: true };
    }
    const entry = await source.getLocal(current);
    if (entry === undefined) return { kind: "lost", tops: [], isCircle: false };
    way.add(current);
    const parent = await source.getLocal(entry.parent);
    const isListed =
      parent !== undefined &&
      !isForgotten(parent) &&
      isFolder(parent) &&
      nameIn(parent.children, current) !== undefined;
    if (!isListed) {
      if (isConfined) return { kind: "confined", lostWith: current };
      return { kind: "lost", tops: [current], isCircle: false };
    }
    isConfined ||= parent.localConfinementPoints.has(current);
    current = entry.parent;
  }
  return isConfined ? { kind: "confined", lostWith: undefined } : { kind: "reachable" };
}

/** Gives every suspect that lost its place one again. Says which entries were put somewhere. */
export async function rescue(
  context: MergeContext,
  draft: TreeDraft,
  suspects: readonly Suspect[],
  listings: Listings,
  lostAndFoundName: EntryName,
): Promise<readonly VlobId[]> {
  const rescued: VlobId[] = [];
  // In one order on every device, so that two that rescue the same entries do the same.
  for (const suspect of [...suspects].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const { id } = suspect;
    const entry = await draft.getLocal(id);
    if (entry === undefined || isForgotten(entry)) continue;
    const must = suspect.must || entry.needSync;
    const place = await placeOf(draft, context.realmId, id);
    if (place.kind === "confined" && place.lostWith !== undefined) {
      await keepLostConfined(context, draft, place.lostWith);
    }
    if (place.kind !== "lost") continue;
    const isOwn = entry.base.author === context.deviceId;
    if (!must && !isOwn && !(await isDisowned(draft, place))) continue;
    const top =
      (await adopt(context, draft, place.tops, listings, { onlyOurs: !must && !isOwn })) ??
      (must || (isOwn && place.isCircle)
        ? await putBack(context, draft, place.tops, listings, lostAndFoundName)
        : undefined);
    if (top !== undefined) rescued.push(top);
  }
  return rescued;
}

/** How long an entry may be on its way from one place to another, in microseconds. */
export const longestWay = 10 * 60 * 1_000_000;

/**
 * What is confined to this device goes up from a folder that somebody moved to a place that never came. Until it is
 * certain, it waits.
 */
async function keepLostConfined(context: MergeContext, draft: TreeDraft, lost: VlobId): Promise<void> {
  const folder = await draft.getLocal(lost);
  if (folder === undefined || draft.now - folder.base.timestamp < longestWay) return;
  await keepConfined(context, draft, lost, context.realmId);
}

/**
 * Whether the folder that the entry names has said, after the entry did, that it does not hold it. Otherwise the entry
 * may be on its way: who moves one uploads the entry first, and then the folder.
 */
async function isDisowned(draft: TreeDraft, { tops, isCircle }: Extract<Place, { kind: "lost" }>): Promise<boolean> {
  const [top] = tops;
  const entry = top === undefined || isCircle ? undefined : await draft.getLocal(top);
  const parent = entry === undefined ? undefined : await draft.getLocal(entry.parent);
  if (entry === undefined || parent === undefined || !isFolder(parent)) return false;
  const { base } = parent;
  return base.timestamp > entry.base.timestamp || nameIn(base.children, entry.base.id) !== undefined;
}

/** A folder that can be seen lists one of them, and the entry does not know: now it does. */
async function adopt(
  { realmId, deviceId }: MergeContext,
  draft: TreeDraft,
  tops: readonly VlobId[],
  listings: Listings,
  { onlyOurs }: { readonly onlyOurs: boolean },
): Promise<VlobId | undefined> {
  for (const top of tops) {
    for (const id of listings.foldersOf(top)) {
      const folder = await draft.getLocal(id);
      if (folder === undefined || !isFolder(folder) || nameIn(folder.children, top) === undefined) continue;
      if (onlyOurs && !folder.needSync && folder.base.author !== deviceId) continue;
      if (!(await isReachable(draft, realmId, id))) continue;
      await setParent(draft, top, id);
      return top;
    }
  }
  return undefined;
}

/** Into the folder that the entry names, or named before this device moved it, else into `lost+found`. */
async function putBack(
  context: MergeContext,
  draft: TreeDraft,
  tops: readonly VlobId[],
  listings: Listings,
  lostAndFoundName: EntryName,
): Promise<VlobId | undefined> {
  for (const top of tops) {
    const entry = await draft.getLocal(top);
    for (const id of entry === undefined ? [] : [entry.parent, entry.base.parent]) {
      const folder = await draft.getLocal(id);
      if (folder === undefined || !isFolder(folder) || !(await isReachable(draft, context.realmId, id))) continue;
      const name = nameIn(folder.base.children, top) ?? listings.nameOf(top) ?? standInName(top);
      await bindFree(draft, folder, name, top);
      return top;
    }
  }
  const [top] = tops;
  if (top === undefined) return undefined;
  const folder = await lostAndFound(context, draft, lostAndFoundName);
  await bindFree(draft, folder, listings.nameOf(top) ?? standInName(top), top);
  return top;
}

async function lostAndFound(
  { realmId, deviceId }: MergeContext,
  draft: TreeDraft,
  name: EntryName,
): Promise<LocalFolderManifest> {
  const root = await draft.getLocal(realmId);
  const known = root !== undefined && isFolder(root) ? root.children.get(name) : undefined;
  const folder = known === undefined ? undefined : await draft.getLocal(known);
  if (folder !== undefined && isFolder(folder) && folder.parent === realmId) return folder;
  const fresh = newLocalFolderManifest(deviceId, realmId, draft.now);
  draft.put(fresh);
  if (root !== undefined && isFolder(root)) await bindFree(draft, root, name, fresh.base.id);
  return fresh;
}

/** Under this name, or when another entry has it, under the next free one. */
async function bindFree(draft: TreeDraft, folder: LocalFolderManifest, name: EntryName, id: VlobId): Promise<void> {
  const { children } = folder;
  const isTaken = children.has(name) && children.get(name) !== id;
  await draft.bind(folder.base.id, isTaken ? nameConflictName(name, (candidate) => children.has(candidate)) : name, id);
  await setParent(draft, id, folder.base.id);
}

/** The entry is in that folder now. */
export async function setParent(draft: TreeDraft, id: VlobId, parent: VlobId): Promise<void> {
  const entry = await draft.getLocal(id);
  if (entry === undefined || entry.parent === parent) return;
  draft.put({ ...entry, parent, needSync: true, updated: draft.now });
}

/** For an entry whose name nobody knows any more. */
function standInName(id: VlobId): EntryName {
  return EntryName.parse(`recovered ${VlobId.display(id).slice(0, 8)}`);
}
