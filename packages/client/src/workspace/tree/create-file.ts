import { FsPath, newLocalFileManifest, type VlobId } from "@parsec/types";
import { WorkspaceError } from "../errors.ts";
import type { ManifestOptions } from "../manifests.ts";
import { changeParent, checkWritable, type TreeContext } from "./change-folder.ts";
import { entryExists } from "./create-folder.ts";
import { childOf } from "./resolve.ts";

/**
 * Creates an empty file where nothing visible is; gives its id.
 * @throws WorkspaceError READ_ONLY, PARENT_NOT_FOUND, PARENT_IS_FILE, ENTRY_EXISTS
 */
export async function createFile(context: TreeContext, path: FsPath, options: ManifestOptions = {}): Promise<VlobId> {
  if (FsPath.isRoot(path)) {
    checkWritable(context);
    throw new WorkspaceError("ENTRY_EXISTS", "The root of a workspace is there", { entryId: context.realmId });
  }
  return changeParent(
    context,
    path,
    async ({ draft, parent, name }) => {
      const existing = await childOf(context, draft, parent, name);
      if (existing !== undefined) throw entryExists(path, existing);
      const file = newLocalFileManifest(context.deviceId, parent.base.id, draft.now);
      draft.put(file);
      await draft.bind(parent.base.id, name, file.base.id);
      return file.base.id;
    },
    options,
  );
}
