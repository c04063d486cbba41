import {
  applyConfinement,
  type DateTime,
  type DeviceId,
  type EntryName,
  type FolderManifest,
  type LocalFolderManifest,
  localFolderManifestFromRemoteRestoringConfinement,
  type NamePattern,
  removeConfinement,
  type VlobId,
} from "@parsec/types";
import { mergeChildren } from "./children.ts";
import { mergeParent } from "./parent.ts";

export interface FolderMergeContext {
  readonly device: DeviceId;
  /** When the merge happens: becomes `updated` of a result that must be uploaded. */
  readonly time: DateTime;
  readonly pattern: NamePattern;
  /** Whether this device has sent the remote version. By default the author decides, as in the plain rules. */
  readonly isOwn?: boolean | undefined;
  /** Children that stay although the remote version removed them, since work of this device is in them. */
  readonly kept?: ReadonlySet<VlobId> | undefined;
}

export type FolderMerge =
  | { readonly outcome: "noChange" }
  | { readonly outcome: "merged"; readonly manifest: LocalFolderManifest };

/** Brings a newer remote version of a folder into the local state (spec 11 §10). */
export function mergeFolder(
  context: FolderMergeContext,
  local: LocalFolderManifest,
  remote: FolderManifest,
): FolderMerge {
  const { device, time, pattern } = context;
  if (remote.version <= local.base.version) return { outcome: "noChange" };
  const { kept = new Set() } = context;
  if (!local.needSync && kept.size === 0) {
    return merged(localFolderManifestFromRemoteRestoringConfinement(remote, pattern, local, time));
  }
  const ours = removeConfinement(local);
  // Our own upload, whose acknowledgement got lost: all that is local came after it.
  const isOwnUpload = (context.isOwn ?? remote.author === device) && !local.speculative;
  const combined = isOwnUpload ? { ...ours, base: remote } : mergeChanges(time, ours, remote, kept);
  return merged(applyConfinement(combined, local, pattern, time));
}

function merged(manifest: LocalFolderManifest): FolderMerge {
  return { outcome: "merged", manifest };
}

function mergeChanges(
  time: DateTime,
  local: LocalFolderManifest,
  remote: FolderManifest,
  kept: ReadonlySet<VlobId>,
): LocalFolderManifest {
  const parent = mergeParent(local.base.parent, local.parent, remote.parent);
  const children = mergeChildren(local.base.children, local.children, remote.children, kept);
  const needSync = parent !== remote.parent || !sameChildren(children, remote.children);
  return {
    ...local,
    base: remote,
    parent,
    children,
    needSync,
    updated: needSync ? time : remote.updated,
    speculative: false,
  };
}

function sameChildren(a: ReadonlyMap<EntryName, VlobId>, b: ReadonlyMap<EntryName, VlobId>): boolean {
  return a.size === b.size && [...a].every(([name, id]) => b.get(name) === id);
}
