import { breathe } from "@parsec/base";
import type { EntryName, LocalFolderManifest, VlobId } from "@parsec/types";
import { isDamage, isFolder, isForgotten, type LocalManifest, type ManifestOptions } from "../manifests.ts";
import { type Listings, longestWay, type Place, placeOf, rescue, type Suspect, setParent } from "../merge/rescue.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import type { TreeDraft } from "../tree/draft.ts";
import { nameIn } from "../tree/name-index.ts";
import type { TreeLock } from "../tree-lock.ts";
import { type MergeContext, mergeRemote } from "./merge-remote.ts";
import { isOnItsWay, type OnTheirWay, type WayContext } from "./on-its-way.ts";
import { splitConfined } from "./split-confined.ts";

export interface RescueContext extends MergeContext {
  readonly tree: TreeLock;
  readonly manifests: {
    getReadable(id: VlobId): Promise<LocalManifest | undefined>;
    find(id: VlobId, options?: ManifestOptions): Promise<LocalManifest | undefined>;
    /** Entries that wait for an upload. */
    dirtyIds(): Promise<Iterable<VlobId>>;
    /** Every folder of this device. */
    folders(): Promise<ReadonlyMap<VlobId, LocalFolderManifest>>;
    /** Every entry of this device that can be read. */
    all(): AsyncIterable<LocalManifest>;
  } & WayContext["manifests"];
  readonly lostAndFoundName: EntryName;
  /** False for who may only read: the others find what is lost. */
  readonly canWrite: () => boolean;
}

/** A version of an entry that no path leads to here, or that this device keeps for itself. */
export interface Hidden {
  readonly remote: RemoteManifest;
  /** Whether it holds what whoever removed the entry cannot have seen. */
  readonly hasNews: boolean;
}

export interface Losses {
  /** To be merged now. */
  readonly hidden: readonly Hidden[];
  /** Versions of entries that show, to be merged once their new folder lists them. */
  readonly onTheirWay: OnTheirWay;
  /** Entries that merges gave a place, or took one from. */
  readonly suspects: readonly Suspect[];
  /** What the last versions of folders called entries that they list no more. */
  readonly lastNames: ReadonlyMap<VlobId, EntryName>;
}

export interface Rescued {
  /** The versions that need no further look. */
  readonly merged: readonly RemoteManifest[];
  /** What has to show, and does not yet. */
  readonly homeless: readonly Suspect[];
}

/** See `merge/rescue.ts`. */
export async function rescueLost(
  context: RescueContext,
  { hidden, onTheirWay, suspects, lastNames }: Losses,
  options: ManifestOptions = {},
): Promise<Rescued> {
  const moving = onTheirWay.take();
  const lost = await findLost(context, suspects, options);
  if (lost.length + hidden.length + moving.length === 0) return { merged: [], homeless: [] };
  const hiddenRemotes = hidden.map(({ remote }) => remote);
  for (const remote of [...hiddenRemotes, ...moving]) await fetchWay(context, remote, options);
  const takenOut = await onTheirWay.lookBack(context, moving, options);
  const ids = [...lost.filter(({ must }) => must).map(({ id }) => id), ...hiddenRemotes.map(({ id }) => id)];
  const listings = await listingsOf(context, { ids, lastNames }, options);
  return context.tree.change(async (draft) => {
    const all = [...lost];
    const merge = async (remote: RemoteManifest, local: LocalManifest, must: boolean) => {
      const { gained, lost: unlisted } = await mergeRemote(context, draft, local, remote);
      all.push({ id: remote.id, must });
      for (const id of [...gained, ...unlisted.keys()]) all.push({ id, must: false });
    };
    for (const { remote, hasNews } of hidden) {
      const local = await draft.getLocal(remote.id);
      if (local === undefined) continue;
      const place = await placeOf(draft, context.realmId, remote.id);
      if (place.kind !== "confined") await merge(remote, local, hasNews);
      else if (remote.version > local.base.version && context.canWrite()) {
        await splitConfined(context, draft, remote);
        all.push({ id: remote.id, must: true });
      }
    }
    const mayArrive = { remotes: moving, takenOut };
    const arrived = await arrivals(context, draft, mayArrive, (remote, local) => merge(remote, local, false));
    const merged = [...hiddenRemotes, ...arrived];
    if (!context.canWrite()) return { merged, homeless: [] };
    await rescue(context, draft, all, listings, context.lostAndFoundName);
    return { merged, homeless: await stillLost(context, draft, all) };
  }, options);
}

/** Those that have to show and wait for something: for a folder that cannot be read now, or for certainty. */
async function stillLost(
  { realmId }: RescueContext,
  draft: TreeDraft,
  suspects: readonly Suspect[],
): Promise<readonly Suspect[]> {
  const left: Suspect[] = [];
  for (const { id, must } of suspects) {
    const entry = await draft.getLocal(id);
    if (entry === undefined || isForgotten(entry) || (!must && !entry.needSync)) continue;
    if (isLost(await placeOf(draft, realmId, id))) left.push({ id, must });
  }
  return left;
}

function isLost(place: Place): boolean {
  return place.kind === "lost" || (place.kind === "confined" && place.lostWith !== undefined);
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
      const isMoving = isWaiting && (await isOnItsWay(context, draft, local, remote));
      const isLate = draft.now - remote.timestamp > longestWay;
      if (context.openFiles.isOpen(remote.id) || (isMoving && !(isLate && context.canWrite()))) {
        still.push(remote);
        continue;
      }
      if (local !== undefined) await merge(remote, local);
      // Whoever moved it does not come back: it is where it shows.
      if (isMoving) await setParent(draft, remote.id, local.parent);
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

/** Those that no path leads to, and what waits for an upload below them: at the cost of what merges touched. */
async function findLost(
  context: RescueContext,
  suspects: readonly Suspect[],
  options: ManifestOptions,
): Promise<readonly Suspect[]> {
  const { manifests, realmId } = context;
  const source = fetching(context, options);
  const lost = new Map<VlobId, boolean>();
  const seen = new Set<VlobId>();
  for (const { id, must } of suspects) {
    await breathe();
    // What this device has never had, it cannot lose.
    const entry = await manifests.getReadable(id);
    if (entry === undefined || !isLost(await placeOf(source, realmId, id))) continue;
    lost.set(id, must || lost.get(id) === true);
    for (const below of await changedBelow(context, entry, seen)) lost.set(below, true);
  }
  return Array.from(lost, ([id, must]) => ({ id, must }));
}

async function changedBelow(
  { manifests }: RescueContext,
  top: LocalManifest,
  seen: Set<VlobId>,
): Promise<readonly VlobId[]> {
  const changed: VlobId[] = [];
  const left = [top];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { id } = next.base;
    if (seen.has(id)) continue;
    seen.add(id);
    await breathe();
    if (next.needSync) changed.push(id);
    for (const childId of isFolder(next) ? next.children.values() : []) {
      const child = await manifests.getReadable(childId);
      if (child?.parent === id) left.push(child);
    }
  }
  return changed;
}

async function listingsOf(
  context: RescueContext,
  { ids, lastNames }: { readonly ids: readonly VlobId[]; readonly lastNames: ReadonlyMap<VlobId, EntryName> },
  options: ManifestOptions,
): Promise<Listings> {
  const folders = await context.manifests.folders();
  // A name that confines the entry to this device would hide it again.
  const isFit = (name: EntryName | undefined) => name !== undefined && !context.pattern.matches(name);
  const listedName = (id: VlobId): EntryName | undefined => {
    for (const { base, children } of folders.values()) {
      const name = [nameIn(children, id), nameIn(base.children, id)].find(isFit);
      if (name !== undefined) return name;
    }
    return lastNames.get(id);
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
  const { manifests } = context;
  const names = new Map<VlobId, EntryName>();
  for (const id of ids) {
    for (const top of await toBeNamed(context, id, options)) {
      const entry = await manifests.getReadable(top);
      if (entry === undefined || names.has(top)) continue;
      const name = listedName(top) ?? (await formerName(context, entry, options));
      if (name !== undefined) names.set(top, name);
    }
  }
  return names;
}

/** What may need a name for an entry to show: the last one on the way up, or all that this device keeps for itself. */
async function toBeNamed(context: RescueContext, id: VlobId, options: ManifestOptions): Promise<readonly VlobId[]> {
  const source = fetching(context, options);
  const confined = new Set<VlobId>();
  for (let current = id; !confined.has(current); ) {
    const place = await placeOf(source, context.realmId, current);
    if (place.kind === "lost") return [...confined, ...place.tops];
    const entry = place.kind === "confined" ? await source.getLocal(current) : undefined;
    if (entry === undefined) break;
    confined.add(current);
    current = entry.base.parent;
  }
  return [...confined];
}

/** From the history of the folders that it was in last. */
async function formerName(
  { manifests }: RescueContext,
  { base, parent }: LocalManifest,
  options: ManifestOptions,
): Promise<EntryName | undefined> {
  for (const folder of new Set([parent, base.parent])) {
    const name = (await manifests.formerNames(folder, new Set([base.id]), options)).get(base.id);
    if (name !== undefined) return name;
  }
  return undefined;
}
