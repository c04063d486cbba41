import {
  type DateTime,
  type DeviceId,
  type EntryName,
  type FileManifest,
  type FolderManifest,
  type LocalFileManifest,
  type LocalFolderManifest,
  localFileManifestFromRemote,
  localFolderManifestFromRemote,
  newLocalFileManifest,
  type PreventSyncPattern,
  type VlobId,
} from "@parsec/types";
import { idsGone } from "../file/slot.ts";
import { isFile, isFolder, type LocalManifest } from "../manifests.ts";
import { syncConflictName } from "../merge/conflict-name.ts";
import { mergeFile, remoteContentAt } from "../merge/file.ts";
import { mergeFolder } from "../merge/folder.ts";
import type { EntriesInUse } from "../open-files/open-files.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import { discardLocalWork } from "../tree/discard.ts";
import type { TreeDraft } from "../tree/draft.ts";
import { keepConfined } from "../tree/keep-confined.ts";
import { nameIn, namesOf } from "../tree/name-index.ts";
import { isReachable } from "../tree/reachable.ts";
import { acknowledge } from "./acknowledge.ts";
import type { SentVersions } from "./sent-versions.ts";

/** What merging needs of its workspace. */
export interface MergeContext {
  /** The id of the root, too. */
  readonly realmId: VlobId;
  readonly deviceId: DeviceId;
  readonly pattern: PreventSyncPattern;
  readonly sent: SentVersions;
  readonly openFiles: EntriesInUse;
}

export interface MergeResult {
  readonly outcome: "updated" | "no_change" | "confined";
  /** Entries that the folder lists now, and did not before. */
  readonly gained: readonly VlobId[];
  /** Entries that it lists no more, or that have no folder at all, with the names that they had. */
  readonly lost: ReadonlyMap<VlobId, EntryName>;
}

const noChange: MergeResult = { outcome: "no_change", gained: [], lost: new Map() };
const updated: MergeResult = { outcome: "updated", gained: [], lost: new Map() };

/**
 * Brings a newer remote version of an entry into the local state (spec 11 §10, §11), and keeps visible what this device
 * has to say: local work in a folder that was removed elsewhere keeps that folder.
 */
export async function mergeRemote(
  context: MergeContext,
  draft: TreeDraft,
  local: LocalManifest,
  remote: RemoteManifest,
): Promise<MergeResult> {
  if (remote.version <= local.base.version) return noChange;
  const sent = context.sent.localOf(remote);
  if (sent !== undefined) {
    await acknowledge(context, draft, sent, remote);
    return updated;
  }
  if (isFolder(local) && remote.type === "folder_manifest") return mergeFolders(context, draft, local, remote);
  if (isFile(local)) return { ...updated, lost: await mergeFiles(context, draft, local, remote) };
  // A folder that became a file on the server: the server's word stands, a folder has no content to save.
  draft.put(fromRemote(context, remote));
  return updated;
}

/** What a remote version looks like on a device that has nothing of its own to say about it. */
function fromRemote({ pattern }: MergeContext, remote: RemoteManifest): LocalManifest {
  return remote.type === "file_manifest"
    ? localFileManifestFromRemote(remote)
    : localFolderManifestFromRemote(remote, pattern);
}

// --- Folders

async function mergeFolders(
  context: MergeContext,
  draft: TreeDraft,
  local: LocalFolderManifest,
  remote: FolderManifest,
): Promise<MergeResult> {
  const { deviceId: device, pattern } = context;
  const removed = await removedChildren(draft, local, remote);
  const kept = new Set<VlobId>();
  for (const id of removed) if (await hasWork(context, draft, id, remote.updated)) kept.add(id);
  const mergeContext = { device, time: draft.now, pattern, isOwn: false, kept };
  const merged = mergeFolder(mergeContext, local, remote);
  if (merged.outcome === "noChange") return noChange;
  draft.put(merged.manifest);
  for (const id of removed) {
    if (kept.has(id)) continue;
    await keepConfined(context, draft, id, local.base.id);
    await discardLocalWork(context, draft, id);
  }
  const before = namesOf(local.children);
  const after = namesOf(merged.manifest.children);
  return {
    outcome: "updated",
    gained: [...after.keys()].filter((id) => !before.has(id)),
    lost: new Map([...before].filter(([id]) => !after.has(id))),
  };
}

/** The visible children that the remote version takes out of the folder. */
async function removedChildren(
  draft: TreeDraft,
  local: LocalFolderManifest,
  remote: FolderManifest,
): Promise<readonly VlobId[]> {
  const remaining = namesOf(remote.children);
  const removed: VlobId[] = [];
  for (const id of local.children.values()) {
    if (remaining.has(id) || nameIn(local.base.children, id) === undefined) continue;
    const child = await draft.getLocal(id);
    if (child?.parent === local.base.id) removed.push(id);
  }
  return removed;
}

/**
 * Whether an entry, or one below it, has work of this device that whoever removed it cannot have seen: not uploaded yet,
 * or uploaded after the removal. What is confined to this device does not count: nobody else knows of it.
 */
async function hasWork(context: MergeContext, draft: TreeDraft, id: VlobId, removedAt: DateTime): Promise<boolean> {
  const seen = new Set<VlobId>();
  const left = [id];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const entry = await draft.getLocal(next);
    if (entry === undefined || seen.has(next)) continue;
    seen.add(next);
    const { base, needSync } = entry;
    if (needSync || context.openFiles.isBeingWritten(next)) return true;
    if (base.author === context.deviceId && base.timestamp > removedAt) return true;
    if (!isFolder(entry)) continue;
    for (const child of entry.children.values()) {
      if (entry.localConfinementPoints.has(child)) continue;
      if ((await draft.getLocal(child))?.parent === next) left.push(child);
    }
  }
  return false;
}

// --- Files

/** Gives the copy of the local content, by its name, when there is no folder for it. */
async function mergeFiles(
  context: MergeContext,
  draft: TreeDraft,
  local: LocalFileManifest,
  remote: FileManifest | FolderManifest,
): Promise<ReadonlyMap<VlobId, EntryName>> {
  const mergeContext = { device: context.deviceId, time: draft.now, isOwn: false };
  // A file that became a folder on the server: local changes, if any, are saved in a copy.
  const plain = { outcome: local.needSync ? "conflict" : "merged", manifest: fromRemote(context, remote) } as const;
  const merged = remote.type === "file_manifest" ? mergeFile(mergeContext, local, remote) : plain;
  if (merged.outcome === "noChange") return new Map();
  if (merged.outcome === "merged") {
    const { manifest } = merged;
    draft.put(manifest);
    if (local.needSync)
      draft.removeChunks(idsGone(local.blocks.flat(), isFile(manifest) ? manifest.blocks.flat() : []));
    return new Map();
  }
  const entry = remoteContentAt(mergeContext, local, fromRemote(context, remote));
  draft.put(entry);
  return keepCopy(context, draft, local, entry.parent);
}

/** The local content becomes a new file beside the one that has the remote content (spec 11 §11.4). */
async function keepCopy(
  context: MergeContext,
  draft: TreeDraft,
  local: LocalFileManifest,
  place: VlobId,
): Promise<ReadonlyMap<VlobId, EntryName>> {
  const folder = await placeOfCopy(context, draft, [place, local.parent]);
  const { updated, size, blocksize, blocks, origin } = local;
  const fresh = newLocalFileManifest(context.deviceId, folder?.base.id ?? place, draft.now);
  draft.put({ ...fresh, updated, size, blocksize, blocks, origin });
  const name = await copyName(draft, folder, local);
  if (folder === undefined) return new Map([[fresh.base.id, name]]);
  await draft.bind(folder.base.id, name, fresh.base.id);
  return new Map();
}

/** A folder that leads to the root, else one that is at least here: an entry of it is rescued with it. */
async function placeOfCopy(
  { realmId }: MergeContext,
  draft: TreeDraft,
  ids: readonly VlobId[],
): Promise<LocalFolderManifest | undefined> {
  let spare: LocalFolderManifest | undefined;
  for (const id of ids) {
    const folder = await draft.getLocal(id);
    if (folder === undefined || !isFolder(folder)) continue;
    if (await isReachable(draft, realmId, id)) return folder;
    spare ??= folder;
  }
  return spare;
}

/** After the name that the file has, or had, wherever a folder of this device tells it. */
async function copyName(
  draft: TreeDraft,
  folder: LocalFolderManifest | undefined,
  { base, parent }: LocalFileManifest,
): Promise<EntryName> {
  const isTaken = (name: EntryName) => folder?.children.has(name) === true;
  for (const place of [folder, await draft.getLocal(parent), await draft.getLocal(base.parent)]) {
    if (place === undefined || !isFolder(place)) continue;
    const name = nameIn(place.children, base.id) ?? nameIn(place.base.children, base.id);
    if (name !== undefined) return syncConflictName(name, isTaken);
  }
  return syncConflictName(undefined, isTaken);
}
