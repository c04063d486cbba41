import { breathe } from "@parsec/base";
import type { EntryName, LocalFolderManifest, VlobId } from "@parsec/types";
import { isDamage, isFile, isForgotten, type LocalManifest, type ManifestOptions } from "../manifests.ts";
import { remoteContentChanged } from "../merge/content-changed.ts";
import { type Listings, placeOf, rescue, type Suspect } from "../merge/rescue.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import type { TreeDraft } from "../tree/draft.ts";
import { nameIn, namesOf } from "../tree/name-index.ts";
import type { TreeLock } from "../tree-lock.ts";
import { type MergeContext, mergeRemote } from "./merge-remote.ts";
import { isOnItsWay, type OnTheirWay, type WayContext } from "./on-its-way.ts";

export interface RescueContext extends MergeContext {
  readonly tree: TreeLock;
  readonly manifests: {
    getReadable(id: VlobId): Promise<LocalManifest | undefined>;
    find(id: VlobId, options?: ManifestOptions): Promise<LocalManifest | undefined>;
    /** Entries that wait for an upload. */
    dirtyIds(): Promise<Iterable<VlobId>>;
    /** Every folder of this device. */
    folders(): Promise<ReadonlyMap<VlobId, LocalFolderManifest>>;
  } & WayContext["manifests"];
  readonly lostAndFoundName: EntryName;
  /** False for who may only read: the others find what is lost. */
  readonly canWrite: () => boolean;
}

export interface Losses {
  /** Versions of entries that no path leads to here, to be merged now. */
  readonly hidden: readonly RemoteManifest[];
  /** Versions of entries that show, to be merged once their new folder lists them. */
  readonly onTheirWay: OnTheirWay;
  /** Entries that merges gave a place, or took one from. */
  readonly suspects: readonly Suspect[];
}

/** See `merge/rescue.ts`. Gives the versions that need no further look. */
export async function rescueLost(
  context: RescueContext,
  { hidden, onTheirWay, suspects }: Losses,
  options: ManifestOptions = {},
): Promise<readonly RemoteManifest[]> {
  const moving = onTheirWay.take();
  const lost = context.canWrite() ? await findLost(context, suspects, options) : [];
  if (lost.length + hidden.length + moving.length === 0) return [];
  for (const remote of [...hidden, ...moving]) await fetchWay(context, remote, options);
  const takenOut = await onTheirWay.lookBack(context, moving, options);
  const ids = [...lost.filter(({ must }) => must).map(({ id }) => id), ...hidden.map(({ id }) => id)];
  const listings = await listingsOf(context, ids, options);
  return context.tree.change(async (draft) => {
    const all = [...lost];
    const merge = async (remote: RemoteManifest, local: LocalManifest, must: boolean) => {
      const { gained, lost: unlisted } = await mergeRemote(context, draft, local, remote);
      all.push({ id: remote.id, must });
      for (const id of [...gained, ...unlisted]) all.push({ id, must: false });
    };
    for (const remote of hidden) {
      const local = await draft.getLocal(remote.id);
      if (local !== undefined) await merge(remote, local, bringsNews(local, remote));
    }
    const mayArrive = { remotes: moving, takenOut };
    const arrived = await arrivals(context, draft, mayArrive, (remote, local) => merge(remote, local, false));
    if (context.canWrite()) await rescue(context, draft, all, listings, context.lostAndFoundName);
    return [...hidden, ...arrived];
  }, options);
}

/** Merges those that are on their way no more; one of them may be what another one waits for. */
async function arrivals(
  context: RescueContext,
  draft: TreeDraft,
  { remotes, takenOut }: { remotes: readonly RemoteManifest[]; takenOut: ReadonlySet<RemoteManifest> },
  merge: (remote: RemoteManifest, local: LocalManifest) => Promise<void>,
): Promise<readonly RemoteManifest[]> {
  const arrived: RemoteManifest[] = [];
  let waiting = remotes;
  for (let before = -1; before !== arrived.length; ) {
    before = arrived.length;
    const still: RemoteManifest[] = [];
    for (const remote of waiting) {
      const local = await draft.getLocal(remote.id);
      const isWaiting = local !== undefined && !takenOut.has(remote);
      if (isWaiting && (await isOnItsWay(context, draft, local, remote))) {
        still.push(remote);
        continue;
      }
      if (local !== undefined) await merge(remote, local);
      arrived.push(remote);
    }
    waiting = still;
  }
  return arrived;
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
      const former = () => manifests.formerNames(entry.parent, new Set([top]), options);
      const name = listedName(top) ?? (await former()).get(top);
      if (name !== undefined) names.set(top, name);
    }
  }
  return names;
}
