import { hasCode } from "@parsec/base";
import { type EntryName, FsPath, type LocalFolderManifest, type VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { entryNotFound, WorkspaceError } from "../errors.ts";
import { isFolder, type LocalManifest, type ManifestOptions } from "../manifests.ts";

/** An entry that a path leads to. */
export interface Resolved {
  readonly manifest: LocalManifest;
  /** The folder that keeps this entry, or a folder above it, on this device alone; null when it is synchronized. */
  readonly confinedBy: VlobId | null;
}

/**
 * The entry of a path (spec 11 §4.1). A child counts only when its own manifest names the folder as its parent.
 * @throws WorkspaceError ENTRY_NOT_FOUND, and what fetching throws
 */
export async function resolve(
  context: WorkspaceContext,
  path: FsPath,
  options: ManifestOptions = {},
): Promise<Resolved> {
  let manifest: LocalManifest = await context.manifests.get(context.realmId, options);
  let confinedBy: VlobId | null = null;
  for (const name of FsPath.names(path)) {
    if (!isFolder(manifest)) throw entryNotFound(path);
    const folder: LocalFolderManifest = manifest;
    const child: LocalManifest | undefined = await childOf(context, folder, name, options);
    if (child === undefined) throw entryNotFound(path);
    if (folder.localConfinementPoints.has(child.base.id)) confinedBy ??= folder.base.id;
    manifest = child;
  }
  return { manifest, confinedBy };
}

/** The valid child of that name, if there is one. */
export async function childOf(
  context: WorkspaceContext,
  folder: LocalFolderManifest,
  name: EntryName,
  options: ManifestOptions = {},
): Promise<LocalManifest | undefined> {
  const id = folder.children.get(name);
  if (id === undefined) return undefined;
  try {
    const child = await context.manifests.get(id, options);
    return isValidChild(context, folder, child) ? child : undefined;
  } catch (error) {
    if (hasCode(error, "ENTRY_NOT_FOUND", "REALM_NOT_FOUND")) return undefined;
    throw error;
  }
}

/** Whether parent and child name each other. The root is nobody's child, though it is its own parent. */
export function isValidChild(context: WorkspaceContext, folder: LocalFolderManifest, child: LocalManifest): boolean {
  return child.parent === folder.base.id && child.base.id !== context.realmId;
}

/**
 * The folder in which something is to change.
 * @throws WorkspaceError PARENT_NOT_FOUND, PARENT_IS_FILE
 */
export async function resolveParent(
  context: WorkspaceContext,
  path: FsPath,
  options: ManifestOptions = {},
): Promise<LocalFolderManifest> {
  const parent = FsPath.parent(path);
  try {
    const { manifest } = await resolve(context, parent, options);
    if (isFolder(manifest)) return manifest;
  } catch (cause) {
    if (!hasCode(cause, "ENTRY_NOT_FOUND")) throw cause;
    throw new WorkspaceError("PARENT_NOT_FOUND", `There is no folder ${parent}: create it first`, { cause });
  }
  throw new WorkspaceError("PARENT_IS_FILE", `${parent} is a file: it cannot hold entries`);
}
