import { breathe, hasCode } from "@parsec/base";
import { type VlobItem, vlobReadBatch, vlobReadVersions } from "@parsec/protocol";
import type { EntryName, VlobId } from "@parsec/types";
import { UnexpectedReplyError } from "../../errors.ts";
import { InvalidManifestError } from "../errors.ts";
import type { ManifestsContext } from "../manifests.ts";
import { nameIn } from "../tree/name-index.ts";
import { type NeededCertificates, openManifest, type RemoteManifest } from "./open-manifest.ts";
import { realmReplyError } from "./realm-replies.ts";

export interface FetchOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The most vlobs that one request may name (spec 05 §13.1). */
const maxVlobsPerRequest = 1000;

/** What the server gave of many entries. One that it does not know is in neither. */
export interface FetchedManifests {
  readonly manifests: readonly RemoteManifest[];
  /** Those whose latest version is refused. */
  readonly damaged: ReadonlyMap<VlobId, InvalidManifestError>;
}

/**
 * The latest versions of entries, each checked by itself. In a realm that exists on this device alone there are none.
 * @throws ClientError (REALM_ACCESS_DENIED, REALM_DELETED), ConnectionError
 */
export async function fetchManifests(
  context: ManifestsContext,
  ids: readonly VlobId[],
  options: FetchOptions = {},
): Promise<FetchedManifests> {
  const manifests: RemoteManifest[] = [];
  const damaged = new Map<VlobId, InvalidManifestError>();
  for (let start = 0; start < ids.length; start += maxVlobsPerRequest) {
    const read = await readLatestIfAny(context, ids.slice(start, start + maxVlobsPerRequest), options);
    if (read === undefined) break;
    for (const item of read.items) {
      await breathe();
      try {
        manifests.push(await openManifest(context, item, read.needed, options));
      } catch (error) {
        if (!(error instanceof InvalidManifestError)) throw error;
        damaged.set(item[0], error);
      }
    }
  }
  return { manifests, damaged };
}

async function readLatestIfAny(
  context: ManifestsContext,
  ids: readonly VlobId[],
  options: FetchOptions,
): Promise<ReadItems | undefined> {
  try {
    return await readLatest(context, ids, options);
  } catch (error) {
    if (hasCode(error, "REALM_NOT_FOUND")) return undefined;
    throw error;
  }
}

/**
 * The latest version of one entry that this device knows at `knownVersion`. When the server's latest is invalid, the
 * last valid one after `knownVersion` is given under the number of the invalid one, so that the next upload repairs
 * the entry; `undefined` says that only the known one is left to do that with (spec 11 §12.3).
 */
export async function fetchLatest(
  context: ManifestsContext,
  id: VlobId,
  knownVersion: number,
  options: FetchOptions = {},
): Promise<{ readonly latestVersion: number; readonly manifest: RemoteManifest | undefined }> {
  const { items, needed } = await readLatest(context, [id], options);
  const [item] = items;
  if (item === undefined) throw new UnexpectedReplyError("vlob_read_batch", "ok, without the entry");
  const latestVersion = item[3];
  try {
    return { latestVersion, manifest: await openManifest(context, item, needed, options) };
  } catch (error) {
    if (!(error instanceof InvalidManifestError)) throw error;
  }
  for (let version = latestVersion - 1; version > knownVersion; version -= 1) {
    const manifest = await validVersion(context, id, version, options);
    if (manifest !== undefined) return { latestVersion, manifest: { ...manifest, version: latestVersion } };
  }
  return { latestVersion, manifest: undefined };
}

/** Versions that are looked back at, to find out what entries were called. */
const versionsBack = 10;

/** The names that a folder last gave to entries, before the version `before`; not from long ago. */
export async function namesBefore(
  context: ManifestsContext,
  folderId: VlobId,
  before: number,
  ids: ReadonlySet<VlobId>,
  options: FetchOptions = {},
): Promise<ReadonlyMap<VlobId, EntryName>> {
  const names = new Map<VlobId, EntryName>();
  const last = Math.max(0, before - 1 - versionsBack);
  for (let version = before - 1; version > last && names.size < ids.size; version -= 1) {
    const folder = await validVersion(context, folderId, version, options);
    if (folder?.type !== "folder_manifest") continue;
    for (const id of ids) {
      const name = names.get(id) ?? nameIn(folder.children, id);
      if (name !== undefined) names.set(id, name);
    }
  }
  return names;
}

interface ReadItems {
  readonly items: readonly VlobItem[];
  readonly needed: NeededCertificates;
}

async function readLatest(
  context: ManifestsContext,
  vlobs: readonly VlobId[],
  options: FetchOptions,
): Promise<ReadItems> {
  const { realmId, session } = context;
  const reply = await session.connection.send(vlobReadBatch, { realmId, vlobs, at: null }, options);
  if (reply.status !== "ok") throw realmReplyError("vlob_read_batch", reply);
  return { items: onlyAsked(reply.items, new Set(vlobs), "vlob_read_batch"), needed: reply };
}

async function validVersion(
  context: ManifestsContext,
  id: VlobId,
  version: number,
  options: FetchOptions,
): Promise<RemoteManifest | undefined> {
  const { realmId, session } = context;
  const reply = await session.connection.send(vlobReadVersions, { realmId, items: [[id, version]] }, options);
  if (reply.status !== "ok") throw realmReplyError("vlob_read_versions", reply);
  const [item] = onlyAsked(reply.items, new Set([id]), "vlob_read_versions");
  if (item === undefined || item[3] !== version)
    throw new UnexpectedReplyError("vlob_read_versions", "ok, without the version");
  try {
    return await openManifest(context, item, reply, options);
  } catch (error) {
    if (error instanceof InvalidManifestError) return undefined;
    throw error;
  }
}

/** A server that answers what nobody asked for, or twice, is not believed at all. */
function onlyAsked(items: readonly VlobItem[], asked: ReadonlySet<VlobId>, command: string): readonly VlobItem[] {
  const given = new Set(items.map(([id]) => id));
  if (given.size !== items.length || [...given].some((id) => !asked.has(id))) {
    throw new UnexpectedReplyError(command, "ok, with entries that were not asked for");
  }
  return items;
}
