import { breathe, hasCode, joinSignals } from "@parsec/base";
import { DateTime, type DeviceId, type EntryName, FsPath, type UserId, type VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { entryNotFound, type InvalidManifestError, WorkspaceError } from "../errors.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import { whereabouts } from "../tree/path-of.ts";
import { resolve } from "../tree/resolve.ts";
import { serverSource } from "./server-source.ts";
import type { HistorySource, SourceOptions } from "./source.ts";

/** Who wrote a version. */
export interface VersionAuthor {
  readonly deviceId: DeviceId;
  readonly userId: UserId | undefined;
}

/** One version of an entry that the server has. */
export interface EntryVersion {
  readonly kind: "file" | "folder";
  readonly id: VlobId;
  readonly version: number;
  /** When it was uploaded, in microseconds since the epoch: the `at` of a restore. */
  readonly date: DateTime;
  /** When it was written on its device. */
  readonly updated: DateTime;
  readonly author: VersionAuthor;
  /** Bytes; 0 for a folder. */
  readonly size: number;
}

/** A version that was refused: no honest member can have written it. */
export interface DamagedVersion {
  readonly kind: "damaged";
  readonly id: VlobId;
  readonly version: number;
  readonly error: InvalidManifestError;
}

/** An entry that was in a folder once, and is nowhere now. */
export interface RemovedEntry {
  readonly name: EntryName;
  readonly id: VlobId;
  /** Where it was. */
  readonly path: FsPath;
  readonly kind: "file" | "folder";
  /** Bytes; 0 for a folder. */
  readonly size: number;
  /** The last moment at which it was there: the `at` of a restore. */
  readonly lastSeen: DateTime;
  /** Who wrote the version of the folder without it, and when. */
  readonly removedBy: VersionAuthor;
  readonly removedAt: DateTime;
}

/**
 * The versions of an entry, the latest first. A path that leads nowhere now is that of the entry that had it last.
 * @throws WorkspaceError ENTRY_NOT_FOUND when nothing ever had it; HistoryError NO_HISTORY; what reading throws
 */
export async function* versions(
  context: WorkspaceContext,
  path: FsPath,
  options: SourceOptions,
): AsyncGenerator<EntryVersion | DamagedVersion, void, undefined> {
  const joined = joinSignals(options.signal, context.closed);
  try {
    const source = await serverSource(context, joined);
    yield* versionsIn(source, path, idNow(context, joined), joined);
  } finally {
    joined.release();
  }
}

/** {@link versions}, of what `now` finds at a path, or what the source knows to have had it last. */
export async function* versionsIn(
  source: HistorySource,
  path: FsPath,
  now: IdNow,
  options: SourceOptions,
): AsyncGenerator<EntryVersion | DamagedVersion, void, undefined> {
  const id = await entryThatHad(source, path, now, options);
  for await (const sourced of source.versionsOf(id, options)) {
    await breathe();
    yield "manifest" in sourced
      ? entryVersion(source, sourced.manifest)
      : { kind: "damaged", id, version: sourced.version, error: sourced.damage };
  }
}

/**
 * What was removed from a folder and is nowhere else, the last removed first. The folder itself may have been removed.
 * @throws WorkspaceError ENTRY_NOT_FOUND, ENTRY_IS_FILE; HistoryError NO_HISTORY; what reading throws
 */
export async function* removed(
  context: WorkspaceContext,
  path: FsPath,
  options: SourceOptions,
): AsyncGenerator<RemovedEntry, void, undefined> {
  const joined = joinSignals(options.signal, context.closed);
  try {
    const source = await serverSource(context, joined);
    const id = await entryThatHad(source, path, idNow(context, joined), joined);
    // Those that are still there need no restore, nor do those that moved.
    const seen = new Set<VlobId>();
    let later: RemoteManifest | undefined;
    for await (const sourced of source.versionsOf(id, joined)) {
      await breathe();
      if (!("manifest" in sourced)) continue;
      const folder = sourced.manifest;
      if (folder.type === "file_manifest") {
        throw new WorkspaceError("ENTRY_IS_FILE", `${path} is a file: nothing was removed from it`, { entryId: id });
      }
      for (const [name, child] of folder.children) {
        if (seen.has(child)) continue;
        seen.add(child);
        if (later === undefined) continue;
        const entry = await removedEntry(context, source, { path, name, child, folder, later }, joined);
        if (entry !== undefined) yield entry;
      }
      later = folder;
    }
  } finally {
    joined.release();
  }
}

async function removedEntry(
  context: WorkspaceContext,
  source: HistorySource,
  found: {
    readonly path: FsPath;
    readonly name: EntryName;
    readonly child: VlobId;
    readonly folder: RemoteManifest;
    readonly later: RemoteManifest;
  },
  options: SourceOptions,
): Promise<RemovedEntry | undefined> {
  const { path, name, child, folder, later } = found;
  const where = await whereabouts(context, child, options);
  if (where.kind === "reachable") return undefined;
  // The last moment before the folder was another.
  const lastSeen = DateTime.fromMicros(later.timestamp - 1);
  const [last] = await source.versionsAt([child], lastSeen, options);
  // What was never uploaded before it was removed cannot come back; what was moved away was removed elsewhere.
  if (last === undefined || last.parent !== folder.id) return undefined;
  return {
    name,
    id: child,
    path: FsPath.join(path, name),
    kind: last.type === "file_manifest" ? "file" : "folder",
    size: last.type === "file_manifest" ? last.size : 0,
    lastSeen,
    removedBy: authorOf(source, later.author),
    removedAt: later.timestamp,
  };
}

/** What has a path now. @throws WorkspaceError ENTRY_NOT_FOUND */
type IdNow = (path: FsPath) => Promise<VlobId>;

export function idNow(context: WorkspaceContext, options: SourceOptions): IdNow {
  return async (path) => (await resolve(context, context.manifests.with(options), path)).manifest.base.id;
}

/** The entry that has a path, or had it last. */
export async function entryThatHad(
  source: HistorySource,
  path: FsPath,
  now: IdNow,
  options: SourceOptions,
): Promise<VlobId> {
  try {
    return await now(path);
  } catch (error) {
    if (!hasCode(error, "ENTRY_NOT_FOUND")) throw error;
  }
  const name = FsPath.name(path);
  if (name === undefined) throw entryNotFound(path);
  const parent = await entryThatHad(source, FsPath.parent(path), now, options);
  for await (const sourced of source.versionsOf(parent, options)) {
    if (!("manifest" in sourced) || sourced.manifest.type !== "folder_manifest") continue;
    const id = sourced.manifest.children.get(name);
    if (id !== undefined) return id;
  }
  throw entryNotFound(path);
}

function entryVersion(source: HistorySource, manifest: RemoteManifest): EntryVersion {
  const { id, version, timestamp, updated, author } = manifest;
  const [kind, size] =
    manifest.type === "file_manifest" ? (["file", manifest.size] as const) : (["folder", 0] as const);
  return { kind, id, version, date: timestamp, updated, author: authorOf(source, author), size };
}

function authorOf(source: HistorySource, deviceId: DeviceId): VersionAuthor {
  return { deviceId, userId: source.userOf(deviceId) };
}
