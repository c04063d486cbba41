import { hasCode } from "@parsec/base";
import { FsPath, type LocalFolderManifest } from "@parsec/types";
import { entryNotFound, WorkspaceError } from "../errors.ts";
import type { ManifestOptions } from "../manifests.ts";
import { checkWritable, type TreeContext } from "./change-folder.ts";
import { discardLocalWork } from "./discard.ts";
import type { TreeDraft } from "./draft.ts";
import { childOf, resolveParent } from "./resolve.ts";

export interface MoveOptions extends ManifestOptions {
  /** Take the place of what is at the destination. Default false. */
  readonly replace?: boolean | undefined;
}

/**
 * Gives an entry another name, another folder, or both (spec 11 §8.3). Moving an entry onto itself changes nothing.
 * @throws WorkspaceError READ_ONLY, CANNOT_CHANGE_ROOT, ENTRY_NOT_FOUND (the source), PARENT_NOT_FOUND and
 * PARENT_IS_FILE (of the destination), ENTRY_EXISTS, MOVE_INTO_ITSELF
 */
export async function move(context: TreeContext, from: FsPath, to: FsPath, options: MoveOptions = {}): Promise<void> {
  checkWritable(context);
  const fromName = FsPath.name(from);
  const toName = FsPath.name(to);
  if (fromName === undefined || toName === undefined) {
    throw new WorkspaceError("CANNOT_CHANGE_ROOT", "The root of a workspace stays as it is");
  }
  await context.tree.change(async (draft) => {
    const source = await sourceParent(context, draft, from);
    const entry = await childOf(context, draft, source, fromName);
    if (entry === undefined) throw entryNotFound(from);
    // The tree has no second way to an entry: what is not below its path is not below the entry.
    if (to !== from && `${to}/`.startsWith(`${from}/`)) {
      throw new WorkspaceError("MOVE_INTO_ITSELF", `${from} cannot move into itself`);
    }
    const target = await resolveParent(context, draft, to);
    const occupant = await childOf(context, draft, target, toName);
    if (occupant?.base.id === entry.base.id) return;
    if (occupant !== undefined && options.replace !== true) {
      throw new WorkspaceError("ENTRY_EXISTS", `${to} exists already`, { entryId: occupant.base.id });
    }
    if (source.base.id !== target.base.id) {
      await draft.unbind(source.base.id, fromName);
      draft.put({ ...entry, parent: target.base.id, needSync: true, updated: draft.now });
    }
    if (occupant !== undefined) {
      await draft.unbind(target.base.id, toName);
      await discardLocalWork(context, draft, occupant.base.id);
    }
    await draft.bind(target.base.id, toName, entry.base.id);
  }, options);
}

async function sourceParent(context: TreeContext, draft: TreeDraft, from: FsPath): Promise<LocalFolderManifest> {
  try {
    return await resolveParent(context, draft, from);
  } catch (cause) {
    if (hasCode(cause, "PARENT_NOT_FOUND", "PARENT_IS_FILE")) throw entryNotFound(from);
    throw cause;
  }
}
