import {
  type DeviceId,
  type EntryName,
  type LocalFolderManifest,
  localFileManifestFromRemote,
  localFolderManifestFromRemote,
  type NamePattern,
  newLocalFileManifest,
  newLocalFolderManifest,
  type VlobId,
} from "@parsec/types";
import { isFile, isFolder, isForgotten, type LocalManifest } from "../manifests.ts";
import { remoteContentChanged } from "../merge/content-changed.ts";
import { placeOf } from "../merge/rescue.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import type { TreeDraft } from "../tree/draft.ts";
import { nameIn, namesOf } from "../tree/name-index.ts";

interface SplitContext {
  readonly realmId: VlobId;
  readonly deviceId: DeviceId;
  readonly pattern: NamePattern;
}

/** Whether a version holds what whoever removed the entry, or keeps it on this device alone, cannot have seen. */
export function bringsNews(local: LocalManifest, remote: RemoteManifest): boolean {
  if (isForgotten(local)) return true;
  if (isFile(local) && remote.type === "file_manifest") return remoteContentChanged(local.base, remote);
  if (isFile(local) || remote.type === "file_manifest") return true;
  const known = namesOf(local.base.children);
  return [...remote.children.values()].some((id) => !known.has(id));
}

/**
 * Takes in a version of an entry that is confined to this device, with what others changed meanwhile. To them it was
 * removed; as after any removal, what was not seen shows again, for all. What this device kept for itself stays as it
 * is, under ids of its own. Afterwards the entry needs a place, as the folders that it was in.
 */
export async function splitConfined(context: SplitContext, draft: TreeDraft, remote: RemoteManifest): Promise<void> {
  let id = remote.id;
  await leaveTwin(context, draft, id);
  draft.put(await withoutTwins(draft, fromRemote(context, remote), () => true));
  let { parent } = remote;
  while ((await placeOf(draft, context.realmId, parent)).kind === "confined") {
    const below = id;
    const folder = await draft.getLocal(parent);
    if (folder === undefined || folder.base.version === 0) return;
    await leaveTwin(context, draft, parent);
    const bare = fromRemote(context, folder.base);
    draft.put(await withoutTwins(draft, bare, (child) => child === below));
    id = parent;
    parent = folder.base.parent;
  }
}

function fromRemote({ pattern }: SplitContext, remote: RemoteManifest): LocalManifest {
  return remote.type === "file_manifest"
    ? localFileManifestFromRemote(remote)
    : localFolderManifestFromRemote(remote, pattern);
}

/** A new entry in the place of this one, with all that this device has of it. */
async function leaveTwin({ deviceId }: SplitContext, draft: TreeDraft, id: VlobId): Promise<void> {
  const entry = await draft.getLocal(id);
  const folder = entry === undefined ? undefined : await draft.getLocal(entry.parent);
  if (entry === undefined || folder === undefined || !isFolder(folder)) return;
  const name = nameIn(folder.children, id);
  if (name === undefined) return;
  const { parent, updated } = entry;
  let twin: LocalManifest;
  if (isFile(entry)) {
    const { size, blocksize, blocks, origin } = entry;
    twin = { ...newLocalFileManifest(deviceId, parent, draft.now), updated, size, blocksize, blocks, origin };
  } else {
    const { children, localConfinementPoints } = entry;
    twin = { ...newLocalFolderManifest(deviceId, parent, draft.now), updated, children, localConfinementPoints };
  }
  draft.put(twin);
  if (isFolder(entry)) await moveChildren(draft, entry, twin.base.id);
  await draft.unbind(folder.base.id, name);
  await draft.bind(folder.base.id, name, twin.base.id);
}

async function moveChildren(draft: TreeDraft, from: LocalFolderManifest, to: VlobId): Promise<void> {
  for (const childId of from.children.values()) {
    const child = await draft.getLocal(childId);
    if (child?.parent === from.base.id) draft.put({ ...child, parent: to, needSync: true, updated: draft.now });
  }
}

/** A folder with those children only that are not in its twin, and that `keeps`, or that this device has never seen. */
async function withoutTwins(
  draft: TreeDraft,
  manifest: LocalManifest,
  keeps: (id: VlobId) => boolean,
): Promise<LocalManifest> {
  if (!isFolder(manifest)) return manifest;
  const children = new Map<EntryName, VlobId>();
  for (const [name, id] of manifest.children) {
    const child = await draft.getLocal(id);
    const isHere = child === undefined || child.parent === manifest.base.id;
    if (child === undefined || (isHere && keeps(id))) children.set(name, id);
  }
  if (children.size === manifest.children.size) return manifest;
  return { ...manifest, children, needSync: true, updated: draft.now };
}
