import type { FsPath } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { entryNotFound, WorkspaceError } from "../errors.ts";
import { isFolder, type LocalManifest, type ManifestOptions } from "../manifests.ts";
import { announceChanges, changeParent, withChildren } from "./change-folder.ts";
import { isValidChild } from "./resolve.ts";

export interface RemoveOptions extends ManifestOptions {
  /** Also take a folder that holds entries. Default false. */
  readonly recursive?: boolean | undefined;
}

/**
 * Unlinks an entry from its folder (spec 11 §8.2). What it held stays readable through the history of the workspace.
 * @throws WorkspaceError READ_ONLY, CANNOT_CHANGE_ROOT, PARENT_NOT_FOUND, PARENT_IS_FILE, ENTRY_NOT_FOUND,
 * FOLDER_NOT_EMPTY
 */
export async function remove(context: WorkspaceContext, path: FsPath, options: RemoveOptions = {}): Promise<void> {
  await changeParent(
    context,
    path,
    async (parent, name) => {
      const id = parent.children.get(name);
      if (id === undefined) throw entryNotFound(path);
      if (options.recursive !== true)
        await checkEmpty(context, path, await context.manifests.get(id, options), options);
      const changed = withChildren(context, parent, new Map([[name, null]]));
      await context.manifests.save([changed]);
      announceChanges(context, [changed]);
    },
    options,
  );
}

async function checkEmpty(
  context: WorkspaceContext,
  path: FsPath,
  manifest: LocalManifest,
  options: ManifestOptions,
): Promise<void> {
  if (!isFolder(manifest)) return;
  const children = await context.manifests.getMany([...manifest.children.values()], options);
  if (children.some((child) => isValidChild(context, manifest, child))) {
    throw new WorkspaceError("FOLDER_NOT_EMPTY", `${path} is not empty: remove it with { recursive: true }`);
  }
}
