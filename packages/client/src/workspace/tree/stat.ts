import { type DateTime, type DeviceId, type EntryName, type FsPath, VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { entryNotFound, WorkspaceError } from "../errors.ts";
import { type DamageError, isFolder, type LocalManifest, type ManifestOptions } from "../manifests.ts";
import { whereabouts } from "./path-of.ts";
import { isValidChild, resolve } from "./resolve.ts";

/** What is known of an entry (spec 11 §4.3). Dates are in microseconds since the Unix epoch. */
export interface EntryStat {
  readonly kind: "file" | "folder";
  readonly id: VlobId;
  readonly parent: VlobId;
  readonly created: DateTime;
  readonly updated: DateTime;
  /** Bytes; 0 for a folder. */
  readonly size: number;
  /** The version that the local state is based on; 0 when it was never uploaded. */
  readonly baseVersion: number;
  /** True when the server does not have the local state. */
  readonly needSync: boolean;
  /** The device that wrote the base version. */
  readonly lastUpdater: DeviceId;
  /** The folder that keeps this entry on this device alone; null when it is synchronized. */
  readonly confinedBy: VlobId | null;
}

/** A child of a listed folder. */
export type ListedEntry = (EntryStat & { readonly name: EntryName }) | DamagedEntry;

/** A child that exists and cannot be read. The others of its folder can. */
export interface DamagedEntry {
  readonly kind: "damaged";
  readonly name: EntryName;
  readonly id: VlobId;
  /** The folder that lists it. */
  readonly parent: VlobId;
  readonly confinedBy: VlobId | null;
  /** `INVALID_MANIFEST`: the server gave what is refused. `STORAGE_CORRUPTED`: what this device stored is damaged. */
  readonly reason: "INVALID_MANIFEST" | "STORAGE_CORRUPTED";
  readonly error: DamageError;
}

/** @throws WorkspaceError ENTRY_NOT_FOUND, and what fetching throws */
export async function stat(context: WorkspaceContext, path: FsPath, options: ManifestOptions = {}): Promise<EntryStat> {
  const { manifest, confinedBy } = await resolve(context, context.manifests.with(options), path);
  return statOf(context.openFiles.current(manifest), confinedBy);
}

/**
 * The valid children of a folder, by ascending name; children that this device does not know yet come from the server
 * in one request for each thousand. One that cannot be read is listed as `damaged`.
 * @throws WorkspaceError ENTRY_NOT_FOUND, ENTRY_IS_FILE, and what fetching throws
 */
export async function list(
  context: WorkspaceContext,
  path: FsPath,
  options: ManifestOptions = {},
): Promise<readonly ListedEntry[]> {
  const { manifest, confinedBy } = await resolve(context, context.manifests.with(options), path);
  return listFolder(context, { path, manifest, confinedBy }, options);
}

/**
 * As {@link stat}, wherever the entry is: also when no folder leads to it.
 * @throws WorkspaceError ENTRY_NOT_FOUND, and what fetching throws
 */
export async function statById(
  context: WorkspaceContext,
  id: VlobId,
  options: ManifestOptions = {},
): Promise<EntryStat> {
  const { manifest, confinedBy } = await placed(context, id, options);
  return statOf(context.openFiles.current(manifest), confinedBy);
}

/** As {@link list}, wherever the folder is. @throws as {@link list} */
export async function listById(
  context: WorkspaceContext,
  id: VlobId,
  options: ManifestOptions = {},
): Promise<readonly ListedEntry[]> {
  const { manifest, confinedBy } = await placed(context, id, options);
  return listFolder(context, { path: VlobId.display(id), manifest, confinedBy }, options);
}

async function placed(
  context: WorkspaceContext,
  id: VlobId,
  options: ManifestOptions,
): Promise<{ readonly manifest: LocalManifest; readonly confinedBy: VlobId | null }> {
  const where = await whereabouts(context, id, options);
  if (where.kind === "missing") throw entryNotFound(VlobId.display(id), id);
  return { manifest: where.manifest, confinedBy: where.kind === "reachable" ? where.confinedBy : null };
}

interface ListedFolder {
  /** For the error. */
  readonly path: string;
  readonly manifest: LocalManifest;
  readonly confinedBy: VlobId | null;
}

async function listFolder(
  context: WorkspaceContext,
  { path, manifest: folder, confinedBy }: ListedFolder,
  options: ManifestOptions,
): Promise<readonly ListedEntry[]> {
  if (!isFolder(folder)) throw new WorkspaceError("ENTRY_IS_FILE", `${path} is a file: it holds no entries`);
  const { found, damaged } = await context.manifests.lookUp([...folder.children.values()], options);
  const byId = new Map(found.map((child) => [child.base.id, child]));
  const entries: ListedEntry[] = [];
  for (const [name, id] of folder.children) {
    const confinement = confinedBy ?? (folder.localConfinementPoints.has(id) ? folder.base.id : null);
    const child = byId.get(id);
    const error = damaged.get(id);
    if (child !== undefined && isValidChild(context, folder, child)) {
      entries.push({ name, ...statOf(context.openFiles.current(child), confinement) });
    } else if (error !== undefined) {
      const reason = error.code === "INVALID_MANIFEST" ? error.code : "STORAGE_CORRUPTED";
      entries.push({ kind: "damaged", name, id, parent: folder.base.id, confinedBy: confinement, reason, error });
    }
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function statOf(manifest: LocalManifest, confinedBy: VlobId | null): EntryStat {
  const { base, parent, updated, needSync } = manifest;
  return {
    kind: isFolder(manifest) ? "folder" : "file",
    id: base.id,
    parent,
    created: base.created,
    updated,
    size: isFolder(manifest) ? 0 : manifest.size,
    baseVersion: base.version,
    needSync,
    lastUpdater: base.author,
    confinedBy,
  };
}
