import { hasCode } from "@parsec/base";
import { type EntryName, FsPath, type LocalFolderManifest, type VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { entryNotFound, WorkspaceError } from "../errors.ts";
import { isFolder, isForgotten, type LocalManifest } from "../manifests.ts";

/** Where entries are looked up: `Manifests` of a workspace, or the draft of a change. */
export interface ManifestSource {
  /** `undefined` when neither this device nor the server has it. */
  find(id: VlobId): Promise<LocalManifest | undefined>;
}

type Workspace = Pick<WorkspaceContext, "realmId">;

/** An entry that a path leads to. */
export interface Resolved {
  readonly manifest: LocalManifest;
  /** The folder that keeps this entry, or a folder above it, on this device alone; null when it is synchronized. */
  readonly confinedBy: VlobId | null;
}

/**
 * The entry of a path (spec 11 §4.1). A child counts only when its own manifest names the folder as its parent.
 * @throws WorkspaceError ENTRY_NOT_FOUND, and what the source throws
 */
export async function resolve(context: Workspace, source: ManifestSource, path: FsPath): Promise<Resolved> {
  let manifest = await source.find(context.realmId);
  let confinedBy: VlobId | null = null;
  for (const name of FsPath.names(path)) {
    if (manifest === undefined || !isFolder(manifest)) throw entryNotFound(path);
    const child: LocalManifest | undefined = await childOf(context, source, manifest, name);
    if (child === undefined) throw entryNotFound(path);
    if (manifest.localConfinementPoints.has(child.base.id)) confinedBy ??= manifest.base.id;
    manifest = child;
  }
  if (manifest === undefined) throw entryNotFound(path);
  return { manifest, confinedBy };
}

/** The valid child of that name, if there is one. */
export async function childOf(
  context: Workspace,
  source: ManifestSource,
  folder: LocalFolderManifest,
  name: EntryName,
): Promise<LocalManifest | undefined> {
  const id = folder.children.get(name);
  if (id === undefined) return undefined;
  const child = await source.find(id);
  return child !== undefined && isValidChild(context, folder, child) ? child : undefined;
}

/** Whether parent and child name each other. The root is nobody's child, though it is its own parent. */
export function isValidChild(context: Workspace, folder: LocalFolderManifest, child: LocalManifest): boolean {
  return child.parent === folder.base.id && child.base.id !== context.realmId && !isForgotten(child);
}

/**
 * The folder in which something is to change.
 * @throws WorkspaceError PARENT_NOT_FOUND, PARENT_IS_FILE, and what the source throws
 */
export async function resolveParent(
  context: Workspace,
  source: ManifestSource,
  path: FsPath,
): Promise<LocalFolderManifest> {
  const parent = FsPath.parent(path);
  try {
    const { manifest } = await resolve(context, source, parent);
    if (isFolder(manifest)) return manifest;
  } catch (cause) {
    if (!hasCode(cause, "ENTRY_NOT_FOUND")) throw cause;
    throw new WorkspaceError("PARENT_NOT_FOUND", `There is no folder ${parent}: create it first`, { cause });
  }
  throw new WorkspaceError("PARENT_IS_FILE", `${parent} is a file: it cannot hold entries`);
}
