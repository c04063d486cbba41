import type { DeviceId, EntryName, VlobId } from "@parsec/types";
import type { ManifestOptions } from "../manifests.ts";
import { placeOf, type Suspect } from "../merge/rescue.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import type { TreeDraft } from "../tree/draft.ts";
import type { TreeLock } from "../tree-lock.ts";
import { Checkpoint } from "./checkpoint.ts";
import { lostBefore } from "./lost-before.ts";
import { type MergeContext, type MergeResult, mergeRemote } from "./merge-remote.ts";
import { isOnItsWay, OnTheirWay } from "./on-its-way.ts";
import { type Hidden, type Losses, type RescueContext, type Rescued, rescueLost } from "./rescue.ts";
import { bringsNews } from "./split-confined.ts";

export interface TakeInContext extends MergeContext, RescueContext {
  readonly deviceId: DeviceId;
  readonly tree: TreeLock;
}

/**
 * - `updated`: the local state has the newer version in it.
 * - `no_change`: it had it already, or will have it once the rest is in.
 * - `confined`: the entry stays on this device; what the server has of it is nothing new.
 * - `in_use`: somebody has the file open, and is not to find another one beneath.
 */
export type InboundOutcome = "updated" | "no_change" | "confined" | "in_use";

/**
 * Versions that were fetched, brought into the local state. In two steps, since an entry that leads nowhere may just not
 * be complete: `merge` as many as there are, then `settle`, when all that the server had is in.
 */
export class TakeIn {
  readonly #context: TakeInContext;
  /** New versions of entries that this device does not show: they have to show, unless they only moved. */
  readonly #hidden = new Map<VlobId, Hidden>();
  /** New versions of entries that show, and would not any more: their new folder does not list them yet. */
  readonly #onTheirWay = new OnTheirWay();
  /** How far the server was asked for what it has. */
  readonly checkpoint = new Checkpoint();
  /** Entries that merges gave a place, or took one from, and whether they have to show. */
  readonly #suspects = new Map<VlobId, boolean>();
  /** Entries that versions of this round took out of a folder. */
  readonly #unlisted = new Set<VlobId>();
  /** What the last versions of folders called entries that they list no more. */
  readonly #lastNames = new Map<VlobId, EntryName>();
  /** Entries that have to show, and for which no place was found yet. */
  #homeless: readonly Suspect[] = [];
  /** Whether what was there before is looked through: what an earlier process left may need a place, too. */
  #isStarted = false;
  /** Whether merges went unheeded, since this user could not write. */
  #wasReader = false;

  constructor(context: TakeInContext) {
    this.#context = context;
  }

  /** Merges one version. Many at once are stored together. */
  async merge(remote: RemoteManifest, options: ManifestOptions = {}): Promise<InboundOutcome> {
    const merged = await this.#context.tree.change((draft) => this.#mergeIn(draft, remote), options);
    if (merged.hidden !== undefined) {
      const hadNews = this.#hidden.get(remote.id)?.hasNews === true;
      this.#hidden.set(remote.id, { remote, hasNews: hadNews || merged.hidden.hasNews });
    }
    if (merged.isOnItsWay) this.#onTheirWay.add(remote);
    else this.#onTheirWay.delete(remote.id);
    for (const arrived of merged.arrived) {
      this.#onTheirWay.arrived(arrived);
      this.#suspect(arrived.id, false);
    }
    for (const id of merged.gained) {
      this.#suspect(id, false);
      this.#lastNames.delete(id);
    }
    for (const [id, name] of merged.lost) {
      this.#suspect(id, false);
      this.#lastNames.set(id, name);
    }
    if (merged.outcome === "updated") this.#suspect(remote.id, merged.isInRemoved);
    // It may be the folder that one of them waits for.
    if (merged.outcome === "updated") this.#onTheirWay.hasNews = true;
    return merged.outcome;
  }

  /** Somebody found that no path leads to a changed entry. */
  foundLost(id: VlobId): void {
    this.#suspect(id, true);
  }

  #suspect(id: VlobId, must: boolean): void {
    this.#suspects.set(id, must || this.#suspects.get(id) === true);
  }

  async #mergeIn(draft: TreeDraft, remote: RemoteManifest): Promise<Merged> {
    const { realmId, deviceId } = this.#context;
    const { id } = remote;
    const local = await draft.getLocal(id);
    if (local === undefined) return nothing;
    if (this.#context.openFiles.isOpen(id)) return { ...nothing, outcome: "in_use" };
    const before = await placeOf(draft, realmId, id);
    const isForeign = remote.author !== deviceId && remote.version > local.base.version;
    if (before.kind === "confined") {
      // What others changed after this device had kept the entry for itself.
      const hasNews = isForeign && this.#context.canWrite() && bringsNews(local, remote);
      return hasNews ? { ...nothing, hidden: { remote, hasNews } } : { ...nothing, outcome: "confined" };
    }
    // What a version of this round took out of its folder was still shown when the round began.
    const wasShown = before.kind !== "lost" || before.tops.some((top) => this.#unlisted.has(top));
    if (!wasShown && isForeign) return { ...nothing, hidden: { remote, hasNews: bringsNews(local, remote) } };
    if (await isOnItsWay(this.#context, draft, local, remote)) return { ...nothing, isOnItsWay: true };
    const result = await mergeRemote(this.#context, draft, local, remote);
    const arrived = await this.#mergeArrivals(draft, result);
    for (const unlisted of result.lost.keys()) this.#unlisted.add(unlisted);
    const after = wasShown ? await placeOf(draft, realmId, id) : before;
    // Somebody moved it into a folder that was removed here: who removed that folder did not see it there.
    const isInRemoved =
      wasShown && after.kind === "lost" && !after.tops.some((top) => top === id || this.#unlisted.has(top));
    return { ...nothing, ...result, arrived, isInRemoved };
  }

  /** What waited for this folder, or was still shown in it, is taken in with it: nobody sees a state in between. */
  async #mergeArrivals(draft: TreeDraft, { gained, lost }: MergeResult): Promise<readonly RemoteManifest[]> {
    const arrived: RemoteManifest[] = [];
    for (const id of [...gained, ...lost.keys()]) {
      const remote = this.#onTheirWay.get(id);
      const local = remote === undefined ? undefined : await draft.getLocal(id);
      if (remote === undefined || local === undefined || this.#context.openFiles.isOpen(id)) continue;
      if (await isOnItsWay(this.#context, draft, local, remote)) continue;
      await mergeRemote(this.#context, draft, local, remote);
      arrived.push(remote);
    }
    return arrived;
  }

  /** Whether there is anything to {@link settle}. */
  get isUnsettled(): boolean {
    const mayArrive = this.#onTheirWay.hasNews && this.#onTheirWay.size > 0;
    const isNew = !this.#isStarted && this.#context.canWrite();
    return this.#hidden.size + this.#suspects.size > 0 || mayArrive || isNew;
  }

  /** Whether there are new versions of entries that this device does not show. */
  get hasHidden(): boolean {
    return this.#hidden.size > 0;
  }

  /**
   * Merges what was left aside, and gives entries of this device that lost their place one again. Gives the entries of
   * which a newer version is in now.
   */
  async settle(options: ManifestOptions = {}): Promise<readonly VlobId[]> {
    const hidden = [...this.#hidden.values()];
    const suspects = Array.from(this.#suspects, ([id, must]) => ({ id, must }));
    const canWrite = this.#context.canWrite();
    const all = canWrite ? [...(await this.#leftBefore()), ...this.#homeless, ...suspects] : [];
    const losses = { hidden, onTheirWay: this.#onTheirWay, suspects: all, lastNames: this.#lastNames };
    const { merged, homeless } = await this.#rescue(losses, options);
    this.#homeless = homeless;
    this.#isStarted = canWrite;
    this.#wasReader ||= !canWrite;
    // What came meanwhile is for the next time.
    for (const remote of merged) {
      if (this.#hidden.get(remote.id)?.remote === remote) this.#hidden.delete(remote.id);
      this.#onTheirWay.arrived(remote);
    }
    for (const { id, must } of suspects) if (this.#suspects.get(id) === must) this.#suspects.delete(id);
    if (this.#suspects.size === 0) this.#unlisted.clear();
    return merged.map(({ id }) => id);
  }

  async #rescue(losses: Losses, options: ManifestOptions): Promise<Rescued> {
    try {
      return await rescueLost(this.#context, losses, options);
    } catch (error) {
      this.#onTheirWay.hasNews = true;
      throw error;
    }
  }

  /** What an earlier process, or an earlier role, left: all that waits for an upload, and whatever merges may have moved. */
  async #leftBefore(): Promise<readonly Suspect[]> {
    if (this.#isStarted) return [];
    const dirty = Array.from(await this.#context.manifests.dirtyIds(), (id) => ({ id, must: true }));
    const mayBeLost = this.checkpoint.hadNews || this.#wasReader;
    return mayBeLost ? [...dirty, ...(await lostBefore(this.#context))] : dirty;
  }
}

interface Merged extends Omit<MergeResult, "outcome"> {
  readonly outcome: InboundOutcome;
  readonly hidden: Hidden | undefined;
  readonly isOnItsWay: boolean;
  /** Others that are merged with it. */
  readonly arrived: readonly RemoteManifest[];
  readonly isInRemoved: boolean;
}

const nothing: Merged = {
  outcome: "no_change",
  gained: [],
  lost: new Map(),
  hidden: undefined,
  isOnItsWay: false,
  arrived: [],
  isInRemoved: false,
};
