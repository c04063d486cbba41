import {
  applyConfinement,
  localFileManifestFromRemote,
  localFolderManifestFromRemoteRestoringConfinement,
  removeConfinement,
} from "@parsec/types";
import { isFile, isFolder, type LocalManifest } from "../manifests.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import type { TreeDraft } from "../tree/draft.ts";
import type { MergeContext } from "./merge-remote.ts";

/**
 * Makes a version that the server has accepted the base of its entry. `sent` is the local state that it was made of:
 * when the entry is still the same, the server has all of it, else the changes since then are left to upload.
 */
export async function acknowledge(
  { pattern, sent: versions }: MergeContext,
  draft: TreeDraft,
  sent: LocalManifest,
  remote: RemoteManifest,
): Promise<"done" | "changed"> {
  const current = await draft.getLocal(remote.id);
  versions.forget(remote.id, remote.version);
  if (current === undefined || current.base.version >= remote.version) return "done";
  const isSame = current === sent || !current.needSync;
  if (remote.type === "folder_manifest" && isFolder(current)) {
    if (isSame) draft.put(localFolderManifestFromRemoteRestoringConfinement(remote, pattern, current, draft.now));
    else draft.put(applyConfinement({ ...removeConfinement(current), base: remote }, current, pattern, draft.now));
  } else if (remote.type === "file_manifest" && isFile(current)) {
    draft.put(isSame ? localFileManifestFromRemote(remote) : { ...current, base: remote });
  }
  return isSame ? "done" : "changed";
}
