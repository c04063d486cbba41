import { BugError } from "@parsec/base";
import type { EntryName } from "../entry-name.ts";
import type { DeviceId, VlobId } from "../ids.ts";
import type { FolderManifest } from "../manifests/folder-manifest.ts";
import type { DateTime } from "../time.ts";
import type { LocalFolderManifest } from "./local-folder-manifest.ts";

// What the prevent-sync pattern does to the children of a folder: entries whose name matches are confined, on the side
// where they were made (spec 04 §6.2). Every function gives a new manifest.

/** Tells which names stay on the device: a prevent-sync pattern. */
export interface NamePattern {
  matches(name: EntryName): boolean;
}

/** Name to the entry that it shall have, or `null` for none. A rename gives the old name `null` and the new one the id. */
export type ChildrenChanges = ReadonlyMap<EntryName, VlobId | null>;

/** Changes children as a user asked. Changes of confined entries alone need no upload and leave `updated`. */
export function evolveChildren(
  manifest: LocalFolderManifest,
  changes: ChildrenChanges,
  pattern: NamePattern,
  now: DateTime,
): LocalFolderManifest {
  const children = new Map(manifest.children);
  const localConfinementPoints = new Set(manifest.localConfinementPoints);
  let changed = false;
  for (const [name, id] of changes) {
    const old = children.get(name);
    if (old === undefined) {
      if (id === null) throw new BugError("A child that does not exist can't be removed");
      continue;
    }
    children.delete(name);
    if (!localConfinementPoints.delete(old)) changed = true;
  }
  const kept = new Set(children.values());
  for (const [name, id] of changes) {
    if (id === null) continue;
    if (kept.has(id)) throw new BugError("An entry can't have two names in a folder");
    if (pattern.matches(name)) localConfinementPoints.add(id);
    else changed = true;
    children.set(name, id);
  }
  const evolved = { ...manifest, children, localConfinementPoints };
  return changed ? { ...evolved, needSync: true, updated: now } : evolved;
}

/** The working copy of an uploaded version, when there is no local one yet. */
export function localFolderManifestFromRemote(remote: FolderManifest, pattern: NamePattern): LocalFolderManifest {
  const entries = [...remote.children];
  return {
    ...unconfined(remote),
    children: new Map(entries.filter(([name]) => !pattern.matches(name))),
    remoteConfinementPoints: matchingIds(remote.children, pattern),
  };
}

/** The working copy of an uploaded version, that keeps what `local` confines and drops its other changes. */
export function localFolderManifestFromRemoteRestoringConfinement(
  remote: FolderManifest,
  pattern: NamePattern,
  local: LocalFolderManifest,
  now: DateTime,
): LocalFolderManifest {
  return applyConfinement(unconfined(remote), local, pattern, now);
}

/** The manifest under another pattern. With the same one it does not change. */
export function applyPreventSyncPattern(
  manifest: LocalFolderManifest,
  pattern: NamePattern,
  now: DateTime,
): LocalFolderManifest {
  return applyConfinement(removeConfinement(manifest), manifest, pattern, now);
}

/** The next version to upload. */
export function localFolderManifestToRemote(
  local: LocalFolderManifest,
  author: DeviceId,
  now: DateTime,
): FolderManifest {
  const { base, parent, updated, children } = removeConfinement(local);
  return {
    type: "folder_manifest",
    author,
    timestamp: now,
    id: base.id,
    parent,
    version: base.version + 1,
    created: base.created,
    updated,
    children,
  };
}

/** What would be uploaded: without the local confined children, with those of `base` that are not shown. */
export function removeConfinement(manifest: LocalFolderManifest): LocalFolderManifest {
  const { localConfinementPoints, remoteConfinementPoints, base } = manifest;
  const children = new Map([...manifest.children].filter(([, id]) => !localConfinementPoints.has(id)));
  const ids = new Set(children.values());
  for (const [name, id] of base.children) {
    if (remoteConfinementPoints.has(id) && !ids.has(id)) children.set(name, id);
  }
  return { ...manifest, children, localConfinementPoints: new Set(), remoteConfinementPoints: new Set() };
}

function unconfined(remote: FolderManifest): LocalFolderManifest {
  const { parent, updated, children } = remote;
  return {
    type: "local_folder_manifest",
    base: remote,
    parent,
    needSync: false,
    updated,
    children,
    localConfinementPoints: new Set(),
    remoteConfinementPoints: new Set(),
    speculative: false,
  };
}

/** Confines the children of `manifest`, that has no confinement, and brings back what `existing` confines. */
export function applyConfinement(
  manifest: LocalFolderManifest,
  existing: LocalFolderManifest,
  pattern: NamePattern,
  now: DateTime,
): LocalFolderManifest {
  const children = new Map(manifest.children);
  for (const [name, id] of manifest.base.children) {
    if (pattern.matches(name) && children.get(name) === id) children.delete(name);
  }
  const confined = {
    ...manifest,
    children,
    remoteConfinementPoints: matchingIds(manifest.base.children, pattern),
    localConfinementPoints: matchingIds(children, pattern),
  };
  return evolveChildren(confined, restoringChanges(confined, existing, pattern), pattern, now);
}

/** The changes that give `confined` the children that only `existing` shows. */
function restoringChanges(
  confined: LocalFolderManifest,
  existing: LocalFolderManifest,
  pattern: NamePattern,
): ChildrenChanges {
  const names = new Map([...confined.children].map(([name, id]) => [id, name]));
  const changes = new Map<EntryName, VlobId | null>();
  const give = (id: VlobId, name: EntryName) => {
    changes.set(name, id);
    names.set(id, name);
  };
  for (const [name, id] of existing.children) {
    const current = names.get(id);
    if (existing.localConfinementPoints.has(id) && current !== name) {
      if (current !== undefined) changes.set(current, null);
      give(id, name);
    } else if (current === undefined && confined.remoteConfinementPoints.has(id) && pattern.matches(name)) {
      give(id, name);
    }
  }
  return changes;
}

function matchingIds(children: ReadonlyMap<EntryName, VlobId>, pattern: NamePattern): Set<VlobId> {
  return new Set([...children].filter(([name]) => pattern.matches(name)).map(([, id]) => id));
}
