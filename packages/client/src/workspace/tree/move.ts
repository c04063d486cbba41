import { hasCode } from "@parsec/base";
import { FsPath, type LocalFolderManifest } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { entryNotFound, WorkspaceError } from "../errors.ts";
import type { LocalManifest, ManifestOptions } from "../manifests.ts";
import { announceChanges, checkWritable, folderNow, now, withChildren } from "./change-folder.ts";
import { childOf, resolve, resolveParent } from "./resolve.ts";

export interface MoveOptions extends ManifestOptions {
  /** Take the place of what is at the destination. Default false. */
  readonly replace?: boolean | undefined;
}

/**
 * Gives an entry another name, another folder, or both (spec 11 §8.3). Moving an entry onto itself changes nothing.
 * @throws WorkspaceError READ_ONLY, CANNOT_CHANGE_ROOT, ENTRY_NOT_FOUND (the source), PARENT_NOT_FOUND and
 * PARENT_IS_FILE (of the destination), ENTRY_EXISTS, MOVE_INTO_ITSELF
 */
export async function move(
  context: WorkspaceContext,
  from: FsPath,
  to: FsPath,
  options: MoveOptions = {},
): Promise<void> {
  checkWritable(context);
  const fromName = FsPath.name(from);
  const toName = FsPath.name(to);
  if (fromName === undefined || toName === undefined) {
    throw new WorkspaceError("CANNOT_CHANGE_ROOT", "The root of a workspace stays as it is");
  }
  const source = await sourceOf(context, from, options);
  if (`${to}/`.startsWith(`${from}/`) && to !== from) {
    throw new WorkspaceError("MOVE_INTO_ITSELF", `${from} cannot move into itself`);
  }
  const target = await resolveParent(context, to, options);
  const ids = [source.parent.base.id, target.base.id, source.entry.base.id];
  await context.locks.run(
    ids,
    async () => {
      const sourceParent = await folderNow(context, source.parent.base.id, options);
      const targetParent = await folderNow(context, target.base.id, options);
      const entry = await childOf(context, sourceParent, fromName, options);
      if (entry === undefined) throw entryNotFound(from);
      const occupant = await childOf(context, targetParent, toName, options);
      if (occupant !== undefined && occupant.base.id !== entry.base.id && options.replace !== true) {
        throw new WorkspaceError("ENTRY_EXISTS", `${to} exists already`, { entryId: occupant.base.id });
      }
      if (occupant?.base.id === entry.base.id) return;
      const changed =
        sourceParent.base.id === targetParent.base.id
          ? [
              withChildren(
                context,
                sourceParent,
                new Map([
                  [fromName, null],
                  [toName, entry.base.id],
                ]),
              ),
            ]
          : [
              withChildren(context, sourceParent, new Map([[fromName, null]])),
              withChildren(context, targetParent, new Map([[toName, entry.base.id]])),
              underParent(context, entry, targetParent),
            ];
      await context.manifests.save(changed);
      announceChanges(context, changed);
    },
    options,
  );
}

async function sourceOf(
  context: WorkspaceContext,
  path: FsPath,
  options: ManifestOptions,
): Promise<{ parent: LocalFolderManifest; entry: LocalManifest }> {
  const { manifest: entry } = await resolve(context, path, options);
  try {
    return { entry, parent: await resolveParent(context, path, options) };
  } catch (cause) {
    if (hasCode(cause, "PARENT_NOT_FOUND", "PARENT_IS_FILE")) throw entryNotFound(path);
    throw cause;
  }
}

function underParent(context: WorkspaceContext, entry: LocalManifest, parent: LocalFolderManifest): LocalManifest {
  return { ...entry, parent: parent.base.id, needSync: true, updated: now(context) };
}
