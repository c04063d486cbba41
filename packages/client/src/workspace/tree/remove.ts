import type { FsPath, LocalFolderManifest } from "@parsec/types";
import { entryNotFound, WorkspaceError } from "../errors.ts";
import { isDamage, isFolder, type LocalManifest, type ManifestOptions } from "../manifests.ts";
import { changeParent, type ParentChange, type TreeContext } from "./change-folder.ts";
import { discardLocalWork } from "./discard.ts";
import type { TreeDraft } from "./draft.ts";
import { childOf, isValidChild } from "./resolve.ts";

export interface RemoveOptions extends ManifestOptions {
  /** Also take a folder that holds entries. Default false. */
  readonly recursive?: boolean | undefined;
  /** Refuse an entry of the other kind. */
  readonly expect?: "file" | "folder" | undefined;
}

/**
 * Unlinks an entry from its folder (spec 11 §8.2). What it held stays readable through the history of the workspace.
 * @throws WorkspaceError READ_ONLY, CANNOT_CHANGE_ROOT, PARENT_NOT_FOUND, PARENT_IS_FILE, ENTRY_NOT_FOUND,
 * ENTRY_IS_FILE, ENTRY_IS_FOLDER, FOLDER_NOT_EMPTY; what keeps the entry from being read, unless `recursive`
 */
export async function remove(context: TreeContext, path: FsPath, options: RemoveOptions = {}): Promise<void> {
  await changeParent(
    context,
    path,
    async (where) => {
      const { draft, parent, name } = where;
      const entry = await entryToRemove(context, where, options);
      if (entry === "absent") throw entryNotFound(path);
      if (entry !== "damaged") {
        checkKind(path, entry, options);
        if (options.recursive !== true && isFolder(entry)) await checkEmpty(context, draft, path, entry);
      }
      await draft.unbind(parent.base.id, name);
      if (entry !== "damaged") await discardLocalWork(context, draft, entry.base.id);
    },
    options,
  );
}

/** One that cannot be read, and so can hold anything, goes only when all that it may hold is to go. */
async function entryToRemove(
  context: TreeContext,
  { draft, parent, name }: ParentChange,
  { recursive, expect }: RemoveOptions,
): Promise<LocalManifest | "absent" | "damaged"> {
  try {
    return (await childOf(context, draft, parent, name)) ?? "absent";
  } catch (error) {
    if (isDamage(error) && recursive === true && expect === undefined) return "damaged";
    throw error;
  }
}

function checkKind(path: FsPath, entry: LocalManifest, { expect }: RemoveOptions): void {
  const kind = isFolder(entry) ? "folder" : "file";
  if (expect === undefined || expect === kind) return;
  const code = kind === "folder" ? "ENTRY_IS_FOLDER" : "ENTRY_IS_FILE";
  throw new WorkspaceError(code, `${path} is a ${kind}, and a ${expect} was to be removed`, { entryId: entry.base.id });
}

async function checkEmpty(
  context: TreeContext,
  draft: TreeDraft,
  path: FsPath,
  folder: LocalFolderManifest,
): Promise<void> {
  const { found, damaged } = await draft.findAll([...folder.children.values()]);
  if (damaged.size > 0 || found.some((child) => isValidChild(context, folder, child))) {
    throw new WorkspaceError("FOLDER_NOT_EMPTY", `${path} is not empty: remove it with { recursive: true }`);
  }
}
