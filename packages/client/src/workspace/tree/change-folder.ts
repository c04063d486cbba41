import { DateTime, type EntryName, evolveChildren, FsPath, type LocalFolderManifest, type VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { isFolder, type LocalManifest, type ManifestOptions } from "../manifests.ts";
import { resolveParent } from "./resolve.ts";

/** Children to bind (an id) or to unbind (null), by name. */
export type ChildChanges = ReadonlyMap<EntryName, VlobId | null>;

/** @throws WorkspaceError READ_ONLY */
export function checkWritable({ session, realmId }: WorkspaceContext): void {
  const { role, archiving } = session.workspaceInfo(realmId);
  if (role === "READER")
    throw new WorkspaceError("READ_ONLY", "Your role in this workspace is READER: you cannot change it");
  if (archiving.type !== "AVAILABLE") {
    throw new WorkspaceError("READ_ONLY", "This workspace is archived: nobody can change it");
  }
}

/** Now, as a date for `updated`. */
export function now({ session }: WorkspaceContext): DateTime {
  return DateTime.fromMicros(session.clock.now());
}

/** The folder with other children (spec 11 §9.2): it must be uploaded unless only confined names changed. */
export function withChildren(
  context: WorkspaceContext,
  folder: LocalFolderManifest,
  changes: ChildChanges,
): LocalFolderManifest {
  return evolveChildren(folder, changes, context.pattern, now(context));
}

/**
 * Runs `change` on the parent folder of `path` while nobody else changes that folder.
 * @throws WorkspaceError READ_ONLY, CANNOT_CHANGE_ROOT, PARENT_NOT_FOUND, PARENT_IS_FILE
 */
export async function changeParent<T>(
  context: WorkspaceContext,
  path: FsPath,
  change: (parent: LocalFolderManifest, name: EntryName) => Promise<T>,
  options: ManifestOptions = {},
): Promise<T> {
  checkWritable(context);
  const name = FsPath.name(path);
  if (name === undefined) throw new WorkspaceError("CANNOT_CHANGE_ROOT", "The root of a workspace stays as it is");
  const { id } = (await resolveParent(context, path, options)).base;
  return context.locks.run([id], async () => change(await folderNow(context, id, options), name), options);
}

/** The folder as it is once its lock is held. */
export async function folderNow(
  context: WorkspaceContext,
  id: VlobId,
  options: ManifestOptions = {},
): Promise<LocalFolderManifest> {
  const manifest = await context.manifests.get(id, options);
  if (!isFolder(manifest)) throw new WorkspaceError("PARENT_IS_FILE", "The folder was replaced by a file meanwhile");
  return manifest;
}

/** Tells the session that entries wait for an upload. */
export function announceChanges({ session, realmId }: WorkspaceContext, manifests: readonly LocalManifest[]): void {
  for (const { needSync, base } of manifests) {
    if (needSync) session.events.send({ type: "outbound_sync_needed", realmId, entryId: base.id });
  }
}
