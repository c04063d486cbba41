import { breathe } from "@parsec/base";
import type { EntryName, LocalFolderManifest, VlobId } from "@parsec/types";
import { isDamage, isFile, isForgotten, type LocalManifest, type ManifestOptions } from "../manifests.ts";
import { remoteContentChanged } from "../merge/content-changed.ts";
import { type Listings, placeOf, rescue, type Suspect } from "../merge/rescue.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import { nameIn, namesOf } from "../tree/name-index.ts";
import type { TreeLock } from "../tree-lock.ts";
import { type MergeContext, mergeRemote } from "./merge-remote.ts";

export interface RescueContext extends MergeContext {
  readonly tree: TreeLock;
  readonly manifests: {
    getReadable(id: VlobId): Promise<LocalManifest | undefined>;
    find(id: VlobId, options?: ManifestOptions): Promise<LocalManifest | undefined>;
    /** Entries that wait for an upload. */
    dirtyIds(): Promise<Iterable<VlobId>>;
    /** Every folder of this device. */
    folders(): Promise<ReadonlyMap<VlobId, LocalFolderManifest>>;
    /** What a folder called an entry that it lists no more. */
    formerName(folderId: VlobId, id: VlobId, options?: ManifestOptions): Promise<EntryName | undefined>;
  };
  readonly lostAndFoundName: EntryName;
  /** False for who may only read: the others find what is lost. */
  readonly canWrite: () => boolean;
}

export interface Losses {
  /** Versions of entries that no path leads to here, to be merged now. */
  readonly hidden: readonly RemoteManifest[];
  /** Entries that merges gave a place, or took one from. */
  readonly suspects: readonly Suspect[];
}

/** See `merge/rescue.ts`. Gives the entries that were put somewhere. */
export async function rescueLost(
  context: RescueContext,
  { hidden, suspects }: Losses,
  options: ManifestOptions = {},
): Promise<readonly VlobId[]> {
  const lost = context.canWrite() ? await findLost(context, suspects, options) : [];
  if (lost.length === 0 && hidden.length === 0) return [];
  for (const remote of hidden) await fetchWay(context, remote, options);
  const ids = [...lost.filter(({ must }) => must).map(({ id }) => id), ...hidden.map(({ id }) => id)];
  const listings = await listingsOf(context, ids, options);
  return context.tree.change(async (draft) => {
    const all = [...lost];
    for (const remote of hidden) {
      const local = await draft.getLocal(remote.id);
      if (local === undefined) continue;
      const hasNews = bringsNews(local, remote);
      const { gained, lost: unlisted } = await mergeRemote(context, draft, local, remote);
      all.push({ id: remote.id, must: hasNews });
      for (const id of [...gained, ...unlisted]) all.push({ id, must: false });
    }
    return context.canWrite() ? rescue(context, draft, all, listings, context.lostAndFoundName) : [];
  }, options);
}

/** Entries by id, from the server when they are not here; one that cannot be read leads nowhere. */
function fetching({ manifests }: RescueContext, options: ManifestOptions) {
  return {
    getLocal: async (id: VlobId): Promise<LocalManifest | undefined> => {
      try {
        return await manifests.find(id, options);
      } catch (error) {
        if (isDamage(error)) return undefined;
        throw error;
      }
    },
  };
}

/** Brings the folders here that may lead to the entry. */
async function fetchWay(context: RescueContext, remote: RemoteManifest, options: ManifestOptions): Promise<void> {
  const source = fetching(context, options);
  await placeOf(source, context.realmId, remote.id);
  await placeOf(source, context.realmId, remote.parent);
}

/** The entries of this device that no path leads to. */
async function findLost(
  context: RescueContext,
  suspects: readonly Suspect[],
  options: ManifestOptions,
): Promise<readonly Suspect[]> {
  const { manifests, realmId } = context;
  const source = fetching(context, options);
  const lost: Suspect[] = [];
  const musts = new Map(suspects.map(({ id, must }) => [id, must]));
  for (const id of await manifests.dirtyIds()) musts.set(id, true);
  for (const [id, must] of musts) {
    await breathe();
    // What this device has never had, it cannot lose.
    if ((await manifests.getReadable(id)) === undefined) continue;
    const place = await placeOf(source, realmId, id);
    if (place.kind === "lost" || (place.kind === "confined" && place.lostWith !== undefined)) lost.push({ id, must });
  }
  return lost;
}

/** Whether the version holds what whoever removed the entry cannot have seen. */
function bringsNews(local: LocalManifest, remote: RemoteManifest): boolean {
  if (isForgotten(local)) return true;
  if (isFile(local) && remote.type === "file_manifest") return remoteContentChanged(local.base, remote);
  if (isFile(local) || remote.type === "file_manifest") return true;
  const known = namesOf(local.base.children);
  return [...remote.children.values()].some((id) => !known.has(id));
}

async function listingsOf(context: RescueContext, ids: readonly VlobId[], options: ManifestOptions): Promise<Listings> {
  const folders = await context.manifests.folders();
  const listedName = (id: VlobId): EntryName | undefined => {
    for (const { base, children } of folders.values()) {
      const name = nameIn(children, id) ?? nameIn(base.children, id);
      if (name !== undefined) return name;
    }
    return undefined;
  };
  // At once: what is uploaded meanwhile may be the end of a name.
  const known = await knownNames(context, ids, listedName, options);
  return {
    foldersOf: (id) => {
      const listing = [...folders.values()].filter(({ children }) => nameIn(children, id) !== undefined);
      return listing.map(({ base }) => base.id).sort();
    },
    nameOf: (id) => known.get(id) ?? listedName(id),
  };
}

/** The names of those that have to get a place: what a folder of this device calls them, or called them. */
async function knownNames(
  context: RescueContext,
  ids: readonly VlobId[],
  listedName: (id: VlobId) => EntryName | undefined,
  options: ManifestOptions,
): Promise<ReadonlyMap<VlobId, EntryName>> {
  const { manifests, realmId } = context;
  const names = new Map<VlobId, EntryName>();
  for (const id of ids) {
    const place = await placeOf(fetching(context, options), realmId, id);
    for (const top of place.kind === "lost" ? place.tops : []) {
      const entry = await manifests.getReadable(top);
      if (entry === undefined || names.has(top)) continue;
      const name = listedName(top) ?? (await manifests.formerName(entry.parent, top, options));
      if (name !== undefined) names.set(top, name);
    }
  }
  return names;
}
