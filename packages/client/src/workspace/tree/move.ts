import { hasCode, requireArgument } from "@parsec/base";
import { type EntryName, FsPath, type LocalFolderManifest, VlobId } from "@parsec/types";
import { entryNotFound, WorkspaceError } from "../errors.ts";
import { isFile, isFolder, type LocalManifest, type ManifestOptions } from "../manifests.ts";
import { checkWritable, type TreeContext } from "./change-folder.ts";
import { discardLocalWork } from "./discard.ts";
import type { TreeDraft } from "./draft.ts";
import { childOf, resolveParent } from "./resolve.ts";

/**
 * What becomes of an entry at the destination of a move:
 * - `no_replace`: the move is refused. - `replace`: it goes, with all that it holds.
 * - `replace_file`: a file goes, for a folder the move is refused.
 * - `exchange`: it takes the place of the other one; without it the move is refused.
 */
export type MoveMode = "no_replace" | "replace" | "replace_file" | "exchange";

export interface MoveOptions extends ManifestOptions {
  /** Default: `replace` when {@link replace} says so; else as `no_replace`, but moving an entry onto itself is allowed. */
  readonly mode?: MoveMode | undefined;
  /** Take the place of what is at the destination. Default false. */
  readonly replace?: boolean | undefined;
}

/**
 * Gives an entry another name, another folder, or both (spec 11 §8.3). Moving an entry onto itself changes nothing.
 * @throws WorkspaceError READ_ONLY, CANNOT_CHANGE_ROOT, ENTRY_NOT_FOUND (the source; the destination of an exchange),
 * PARENT_NOT_FOUND and PARENT_IS_FILE (of the destination), ENTRY_EXISTS, MOVE_INTO_ITSELF
 */
export async function move(context: TreeContext, from: FsPath, to: FsPath, options: MoveOptions = {}): Promise<void> {
  const mode = modeOf(options);
  checkWritable(context);
  const fromName = FsPath.name(from);
  const toName = FsPath.name(to);
  if (fromName === undefined || toName === undefined) {
    throw new WorkspaceError("CANNOT_CHANGE_ROOT", "The root of a workspace stays as it is");
  }
  await context.tree.change(async (draft) => {
    const source = { folder: await sourceParent(context, draft, from), name: fromName, path: from };
    const entry = await childOf(context, draft, source.folder, fromName);
    if (entry === undefined) throw entryNotFound(from);
    // The tree has no second way to an entry: what is not below its path is not below the entry.
    if (isBelow(to, from) || (mode === "exchange" && isBelow(from, to))) {
      throw new WorkspaceError("MOVE_INTO_ITSELF", `${from} cannot move into itself`);
    }
    const target = { folder: await resolveParent(context, draft, to), name: toName, path: to };
    await moveEntry(context, draft, { entry, source, target, mode });
  }, options);
}

/**
 * Gives a child of a folder another name in it, wherever the folder is.
 * @throws as {@link move}; ENTRY_NOT_FOUND and ENTRY_IS_FILE for the folder
 */
export async function renameById(
  context: TreeContext,
  parent: VlobId,
  from: EntryName,
  to: EntryName,
  options: MoveOptions = {},
): Promise<void> {
  const mode = modeOf(options);
  checkWritable(context);
  await context.tree.change(async (draft) => {
    const folder = await draft.find(parent);
    if (folder === undefined) throw entryNotFound(VlobId.display(parent), parent);
    if (!isFolder(folder)) {
      throw new WorkspaceError("ENTRY_IS_FILE", "A file holds no entries", { entryId: parent });
    }
    const entry = await childOf(context, draft, folder, from);
    if (entry === undefined) throw entryNotFound(from);
    const [source, target] = [
      { folder, name: from, path: from },
      { folder, name: to, path: to },
    ];
    await moveEntry(context, draft, { entry, source, target, mode });
  }, options);
}

interface Place {
  readonly folder: LocalFolderManifest;
  readonly name: EntryName;
  /** For the error. */
  readonly path: string;
}

interface Move {
  readonly entry: LocalManifest;
  readonly source: Place;
  readonly target: Place;
  readonly mode: MoveMode | undefined;
}

async function moveEntry(context: TreeContext, draft: TreeDraft, move: Move): Promise<void> {
  const { entry, source, target, mode } = move;
  const occupant = await childOf(context, draft, target.folder, target.name);
  checkOccupant(occupant, move);
  if (occupant?.base.id === entry.base.id) return;
  await draft.unbind(source.folder.base.id, source.name);
  if (occupant !== undefined) await draft.unbind(target.folder.base.id, target.name);
  if (occupant !== undefined && mode !== "exchange") await discardLocalWork(context, draft, occupant.base.id);
  await put(draft, entry, target);
  if (occupant !== undefined && mode === "exchange") await put(draft, occupant, source);
}

/** Gives an entry its place; when it comes from another folder, that has to be told in the entry, too. */
async function put(draft: TreeDraft, entry: LocalManifest, { folder, name }: Place): Promise<void> {
  const { id } = folder.base;
  if (entry.parent !== id) draft.put({ ...entry, parent: id, needSync: true, updated: draft.now });
  await draft.bind(id, name, entry.base.id);
}

function checkOccupant(occupant: LocalManifest | undefined, { entry, target, mode }: Move): void {
  if (occupant === undefined) {
    if (mode !== "exchange") return;
    throw new WorkspaceError("ENTRY_NOT_FOUND", `There is no entry ${target.path} to exchange with`);
  }
  const isItself = occupant.base.id === entry.base.id;
  if (mode === "replace" || mode === "exchange" || (mode === "replace_file" && isFile(occupant))) return;
  if (mode === undefined && isItself) return;
  throw new WorkspaceError("ENTRY_EXISTS", `${target.path} exists already`, { entryId: occupant.base.id });
}

const modes: readonly unknown[] = ["no_replace", "replace", "replace_file", "exchange"];

function modeOf({ mode, replace }: MoveOptions): MoveMode | undefined {
  const expected = "no_replace, replace, replace_file or exchange, without options.replace";
  const isValid = mode === undefined || (modes.includes(mode) && replace === undefined);
  requireArgument("options.mode", mode, expected, isValid);
  return mode ?? (replace === true ? "replace" : undefined);
}

/** Whether a path leads through another one. */
function isBelow(path: FsPath, other: FsPath): boolean {
  return path !== other && `${path}/`.startsWith(`${other}/`);
}

async function sourceParent(context: TreeContext, draft: TreeDraft, from: FsPath): Promise<LocalFolderManifest> {
  try {
    return await resolveParent(context, draft, from);
  } catch (cause) {
    if (hasCode(cause, "PARENT_NOT_FOUND", "PARENT_IS_FILE")) throw entryNotFound(from);
    throw cause;
  }
}
