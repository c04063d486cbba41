import { hasCode } from "@parsec/base";
import { FsPath, newLocalFolderManifest, type VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import type { ManifestOptions } from "../manifests.ts";
import { announceChanges, changeParent, now, withChildren } from "./change-folder.ts";
import { childOf } from "./resolve.ts";

/**
 * Creates an empty folder; gives its id. A name bound to an invalid child is free (spec 11 §8.1).
 * @throws WorkspaceError READ_ONLY, CANNOT_CHANGE_ROOT, PARENT_NOT_FOUND, PARENT_IS_FILE, ENTRY_EXISTS
 */
export async function createFolder(
  context: WorkspaceContext,
  path: FsPath,
  options: ManifestOptions = {},
): Promise<VlobId> {
  return changeParent(
    context,
    path,
    async (parent, name) => {
      const existing = await childOf(context, parent, name, options);
      if (existing !== undefined) {
        throw new WorkspaceError("ENTRY_EXISTS", `${path} exists already`, { entryId: existing.base.id });
      }
      const { deviceId } = context.session.device;
      const folder = newLocalFolderManifest(deviceId, parent.base.id, now(context));
      const changed = withChildren(context, parent, new Map([[name, folder.base.id]]));
      await context.manifests.save([folder, changed]);
      announceChanges(context, [folder, changed]);
      return folder.base.id;
    },
    options,
  );
}

/**
 * Creates a folder and all that lead to it; those that exist stay.
 * @throws WorkspaceError READ_ONLY, PARENT_IS_FILE, ENTRY_EXISTS when a file has the path
 */
export async function createFolders(
  context: WorkspaceContext,
  path: FsPath,
  options: ManifestOptions = {},
): Promise<void> {
  if (FsPath.isRoot(path)) return;
  await createFolders(context, FsPath.parent(path), options);
  try {
    await createFolder(context, path, options);
  } catch (error) {
    if (!hasCode(error, "ENTRY_EXISTS")) throw error;
  }
}
