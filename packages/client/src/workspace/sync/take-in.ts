import type { DeviceId, VlobId } from "@parsec/types";
import type { ManifestOptions } from "../manifests.ts";
import { placeOf } from "../merge/rescue.ts";
import type { RemoteManifest } from "../remote/open-manifest.ts";
import type { TreeDraft } from "../tree/draft.ts";
import type { TreeLock } from "../tree-lock.ts";
import { type MergeContext, type MergeResult, mergeRemote } from "./merge-remote.ts";
import { isOnItsWay, OnTheirWay } from "./on-its-way.ts";
import { type RescueContext, rescueLost } from "./rescue.ts";

export interface TakeInContext extends MergeContext, RescueContext {
  readonly deviceId: DeviceId;
  readonly tree: TreeLock;
}

/**
 * - `updated`: the local state has the newer version in it.
 * - `no_change`: it had it already, or will have it once the rest is in.
 * - `confined`: the entry stays on this device; what the server has of it is not looked at.
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
  readonly #hidden = new Map<VlobId, RemoteManifest>();
  /** New versions of entries that show, and would not any more: their new folder does not list them yet. */
  readonly #onTheirWay = new OnTheirWay();
  /** Entries that merges gave a place, or took one from, and whether they have to show. */
  readonly #suspects = new Map<VlobId, boolean>();
  /** Entries that versions of this round took out of a folder. */
  readonly #unlisted = new Set<VlobId>();
  /** What an earlier process left may need a place, too. */
  #isStarted = false;

  constructor(context: TakeInContext) {
    this.#context = context;
  }

  /** Merges one version. Many at once are stored together. */
  async merge(remote: RemoteManifest, options: ManifestOptions = {}): Promise<InboundOutcome> {
    const merged = await this.#context.tree.change((draft) => this.#mergeIn(draft, remote), options);
    if (merged.isHidden) this.#hidden.set(remote.id, remote);
    if (merged.isOnItsWay) this.#onTheirWay.add(remote);
    else this.#onTheirWay.delete(remote.id);
    for (const id of merged.gained) this.#suspect(id, false);
    for (const id of merged.lost) this.#suspect(id, false);
    if (merged.outcome === "updated") this.#suspect(remote.id, merged.isInRemoved);
    // It may be the folder that one of them waits for.
    if (merged.outcome === "updated") this.#onTheirWay.hasNews = true;
    return merged.outcome;
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
    if (before.kind === "confined") return { ...nothing, outcome: "confined" };
    // What a version of this round took out of its folder was still shown when the round began.
    const wasShown = before.kind !== "lost" || before.tops.some((top) => this.#unlisted.has(top));
    if (!wasShown && remote.author !== deviceId && remote.version > local.base.version)
      return { ...nothing, isHidden: true };
    if (await isOnItsWay(this.#context, draft, local, remote)) return { ...nothing, isOnItsWay: true };
    const result = await mergeRemote(this.#context, draft, local, remote);
    for (const unlisted of result.lost) this.#unlisted.add(unlisted);
    const after = wasShown ? await placeOf(draft, realmId, id) : before;
    // Somebody moved it into a folder that was removed here: who removed that folder did not see it there.
    const isInRemoved =
      wasShown && after.kind === "lost" && !after.tops.some((top) => top === id || this.#unlisted.has(top));
    return { ...nothing, ...result, isInRemoved };
  }

  /** Whether there is anything to {@link settle}. */
  get isUnsettled(): boolean {
    const mayArrive = this.#onTheirWay.hasNews && this.#onTheirWay.size > 0;
    return this.#hidden.size + this.#suspects.size > 0 || mayArrive || !this.#isStarted;
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
    let merged: readonly RemoteManifest[];
    try {
      merged = await rescueLost(this.#context, { hidden, onTheirWay: this.#onTheirWay, suspects }, options);
    } catch (error) {
      this.#onTheirWay.hasNews = true;
      throw error;
    }
    this.#isStarted = true;
    // What came meanwhile is for the next time.
    for (const remote of merged) {
      if (this.#hidden.get(remote.id) === remote) this.#hidden.delete(remote.id);
      this.#onTheirWay.arrived(remote);
    }
    for (const { id, must } of suspects) if (this.#suspects.get(id) === must) this.#suspects.delete(id);
    if (this.#suspects.size === 0) this.#unlisted.clear();
    return merged.map(({ id }) => id);
  }
}

interface Merged extends Omit<MergeResult, "outcome"> {
  readonly outcome: InboundOutcome;
  readonly isHidden: boolean;
  readonly isOnItsWay: boolean;
  readonly isInRemoved: boolean;
}

const nothing: Merged = {
  outcome: "no_change",
  gained: [],
  lost: [],
  isHidden: false,
  isOnItsWay: false,
  isInRemoved: false,
};
