import { FsPath, newLocalFolderManifest, type VlobId } from "@parsec/types";
import { WorkspaceError } from "../errors.ts";
import { isFolder, type LocalManifest, type ManifestOptions } from "../manifests.ts";
import { changeParent, type ParentChange, type TreeContext } from "./change-folder.ts";
import { childOf } from "./resolve.ts";

/**
 * Creates an empty folder; gives its id. When the name is bound to an entry that is not visible here, both have a name
 * afterwards.
 * @throws WorkspaceError READ_ONLY, CANNOT_CHANGE_ROOT, PARENT_NOT_FOUND, PARENT_IS_FILE, ENTRY_EXISTS
 */
export async function createFolder(context: TreeContext, path: FsPath, options: ManifestOptions = {}): Promise<VlobId> {
  return changeParent(
    context,
    path,
    async (where) => {
      const existing = await childOf(context, where.draft, where.parent, where.name);
      if (existing !== undefined) throw entryExists(path, existing);
      return newFolder(context, where);
    },
    options,
  );
}

/**
 * Creates a folder and all that lead to it; those that exist stay. Gives its id.
 * @throws WorkspaceError READ_ONLY, PARENT_IS_FILE, ENTRY_EXISTS when a file has the path
 */
export async function createFolders(
  context: TreeContext,
  path: FsPath,
  options: ManifestOptions = {},
): Promise<VlobId> {
  if (FsPath.isRoot(path)) return context.realmId;
  await createFolders(context, FsPath.parent(path), options);
  return changeParent(
    context,
    path,
    async (where) => {
      const existing = await childOf(context, where.draft, where.parent, where.name);
      if (existing === undefined) return newFolder(context, where);
      if (!isFolder(existing)) throw entryExists(path, existing);
      return existing.base.id;
    },
    options,
  );
}

/** An empty folder where nothing visible is. Gives its id. */
export async function newFolder(context: TreeContext, { draft, parent, name }: ParentChange): Promise<VlobId> {
  const folder = newLocalFolderManifest(context.deviceId, parent.base.id, draft.now);
  draft.put(folder);
  await draft.bind(parent.base.id, name, folder.base.id);
  return folder.base.id;
}

export function entryExists(path: FsPath, { base }: LocalManifest): WorkspaceError {
  return new WorkspaceError("ENTRY_EXISTS", `${path} exists already`, { entryId: base.id });
}
