import type { EntryName, VlobId } from "@parsec/types";
import { isFolder, isForgotten, type LocalManifest, type ManifestOptions } from "../manifests.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import type { TreeDraft } from "../tree/draft.ts";
import { nameIn } from "../tree/name-index.ts";
import { isReachable } from "../tree/reachable.ts";
import type { SentVersions } from "./sent-versions.ts";

// Who moves an entry uploads the entry first, and then the folder that lists it. Until the folder comes the entry stays
// where it shows, as it is: taken in alone it would show nowhere, and for ever when the other device never comes back.

export interface WayContext {
  readonly realmId: VlobId;
  readonly sent: SentVersions;
  readonly manifests: {
    getReadable(id: VlobId): Promise<LocalManifest | undefined>;
    /** What the last versions of a folder called entries that it lists no more. */
    formerNames(
      folderId: VlobId,
      ids: ReadonlySet<VlobId>,
      options?: ManifestOptions,
    ): Promise<ReadonlyMap<VlobId, EntryName>>;
  };
}

/** Whether an entry shows, and would not with this version, since its new folder does not list it yet. */
export async function isOnItsWay(
  { realmId, sent }: Pick<WayContext, "realmId" | "sent">,
  draft: TreeDraft,
  local: LocalManifest,
  remote: RemoteManifest,
): Promise<boolean> {
  const { id, parent } = remote;
  // What this device has to say of the entry itself does not wait.
  if (local.needSync || remote.version <= local.base.version || sent.localOf(remote) !== undefined) return false;
  if (parent === local.parent || !(await isReachable(draft, realmId, id))) return false;
  return !hasSpoken(await draft.getLocal(parent), remote);
}

/** Whether the folder lists the entry, or has let go of it: whoever moved the entry there wrote the folder after it. */
function hasSpoken(folder: LocalManifest | undefined, { id, author, timestamp }: RemoteManifest): boolean {
  if (folder === undefined || isForgotten(folder)) return false;
  if (!isFolder(folder) || nameIn(folder.children, id) !== undefined) return true;
  const { base } = folder;
  return nameIn(base.children, id) !== undefined || (base.author === author && base.timestamp > timestamp);
}

/** The versions that wait for a folder. */
export class OnTheirWay {
  readonly #remotes = new Map<VlobId, RemoteManifest>();
  /** The version of each folder up to which its history was asked. */
  readonly #asked = new Map<VlobId, number>();
  readonly #takenOut = new WeakSet<RemoteManifest>();
  /** Whether one of them may have arrived. */
  hasNews = false;

  add(remote: RemoteManifest): void {
    this.#remotes.set(remote.id, remote);
    this.hasNews = true;
  }

  get(id: VlobId): RemoteManifest | undefined {
    return this.#remotes.get(id);
  }

  /** Another version is in its place. */
  delete(id: VlobId): void {
    this.#remotes.delete(id);
  }

  /** Those of a moment, for a look at them. */
  take(): readonly RemoteManifest[] {
    this.hasNews = false;
    return [...this.#remotes.values()];
  }

  /** It is merged. */
  arrived(remote: RemoteManifest): void {
    if (this.#remotes.get(remote.id) === remote) this.#remotes.delete(remote.id);
  }

  get size(): number {
    return this.#remotes.size;
  }

  /** Finds out which of them others took out of their new folder again, before this device saw them there. */
  async lookBack(
    { manifests }: WayContext,
    remotes: readonly RemoteManifest[],
    options: ManifestOptions,
  ): Promise<ReadonlySet<RemoteManifest>> {
    for (const [parent, moved] of byParent(remotes)) {
      const folder = await manifests.getReadable(parent);
      if (folder === undefined || isForgotten(folder)) continue;
      const { version, timestamp } = folder.base;
      const open = moved.filter((remote) => timestamp > remote.timestamp && !hasSpoken(folder, remote));
      if (open.length === 0 || this.#asked.get(parent) === version) continue;
      const former = await manifests.formerNames(parent, new Set(open.map(({ id }) => id)), options);
      for (const remote of open) if (former.has(remote.id)) this.#takenOut.add(remote);
      this.#asked.set(parent, version);
    }
    return new Set(remotes.filter((remote) => this.#takenOut.has(remote)));
  }
}

function byParent(remotes: readonly RemoteManifest[]): ReadonlyMap<VlobId, readonly RemoteManifest[]> {
  const groups = new Map<VlobId, RemoteManifest[]>();
  for (const remote of remotes) {
    const group = groups.get(remote.parent) ?? [];
    groups.set(remote.parent, group);
    group.push(remote);
  }
  return groups;
}
