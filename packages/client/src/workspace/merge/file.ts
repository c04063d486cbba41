import {
  type DateTime,
  type DeviceId,
  type FileManifest,
  type LocalFileManifest,
  type LocalFolderManifest,
  localFileManifestFromRemote,
} from "@parsec/types";
import { localContentChanged, remoteContentChanged, sameContent } from "./content-changed.ts";
import { mergeParent } from "./parent.ts";

export interface FileMergeContext {
  readonly device: DeviceId;
  /** When the merge happens: becomes `updated` of a result that must be uploaded. */
  readonly time: DateTime;
  /** Whether this device has sent the remote version. By default the author decides, as in the plain rules. */
  readonly isOwn?: boolean | undefined;
}

export type FileMerge =
  | { readonly outcome: "noChange" }
  | { readonly outcome: "merged"; readonly manifest: LocalFileManifest }
  /** Both sides changed the content: the remote one takes the place, the local one becomes a copy beside it. */
  | { readonly outcome: "conflict" };

/** Brings a newer remote version of a file into the local state (spec 11 §11.1). */
export function mergeFile(context: FileMergeContext, local: LocalFileManifest, remote: FileManifest): FileMerge {
  if (remote.version <= local.base.version) return { outcome: "noChange" };
  if (!local.needSync) return merged(localFileManifestFromRemote(remote));
  // Our own upload, whose acknowledgement got lost: all that is local came after it.
  if (context.isOwn ?? remote.author === context.device) return merged({ ...local, base: remote });
  const session = mergeCryptpadSession(local, remote);
  if (session !== undefined) return merged(session);

  const localChanged = localContentChanged(local.base, local) && !sameContent(local, remote);
  if (localChanged && remoteContentChanged(local.base, remote)) return { outcome: "conflict" };
  const content = localChanged ? withContentOf(local, remote) : localFileManifestFromRemote(remote);
  const parent = mergeParent(local.base.parent, local.parent, remote.parent);
  const needSync = localChanged || parent !== remote.parent;
  return merged({ ...content, parent, needSync, updated: needSync ? context.time : remote.updated });
}

/**
 * The entry after a conflict: the remote content, at the place that both sides agree on, since a new content is no
 * reason to undo a move.
 */
export function remoteContentAt<T extends LocalFileManifest | LocalFolderManifest>(
  context: FileMergeContext,
  local: LocalFileManifest,
  remote: T,
): T {
  const parent = mergeParent(local.base.parent, local.parent, remote.parent);
  return parent === remote.parent ? remote : { ...remote, parent, needSync: true, updated: context.time };
}

function merged(manifest: LocalFileManifest): FileMerge {
  return { outcome: "merged", manifest };
}

/** Two saves of one collaborative session: the later one holds all that the other does. */
function mergeCryptpadSession(local: LocalFileManifest, remote: FileManifest): LocalFileManifest | undefined {
  const ours = local.origin;
  const theirs = remote.origin;
  if (ours.type !== "CRYPTPAD" || theirs.type !== "CRYPTPAD" || ours.channelId !== theirs.channelId) return undefined;
  return ours.timestamp >= theirs.timestamp ? { ...local, base: remote } : localFileManifestFromRemote(remote);
}

function withContentOf(local: LocalFileManifest, remote: FileManifest): LocalFileManifest {
  const { size, blocksize, blocks, origin } = local;
  return { ...localFileManifestFromRemote(remote), size, blocksize, blocks, origin };
}
