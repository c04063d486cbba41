import type { VlobId } from "@parsec/types";
import { isFolder } from "../../manifests.ts";
import { AsideEntries, type Direction } from "./aside-entries.ts";
import { type LocalTree, listedPaths, localPlace } from "./local-places.ts";
import { ParkedEntries } from "./parked-entries.ts";

/** Entries that changed and are in no queue: what cannot be synchronized now, and what has to stay on this device. */
export class HeldEntries {
  readonly aside = new AsideEntries();
  readonly #tree: LocalTree;
  readonly #parked = new ParkedEntries();
  /** Parked ones of which the server has more. */
  readonly #parkedIn = new Set<VlobId>();
  readonly #unreachable = new Set<VlobId>();
  /** Another number each time that the place of some entry may be another. */
  #edition = 0;
  #checkedEdition = 0;

  constructor(tree: LocalTree) {
    this.#tree = tree;
  }

  has(id: VlobId): boolean {
    return this.aside.has(id) || this.isParked(id);
  }

  isParked(id: VlobId): boolean {
    return this.#parked.has(id) || this.#unreachable.has(id);
  }

  /** Something about the place of an entry, or of what is below it, may be new. */
  touched(id: VlobId): void {
    this.#edition += 1;
    this.#parked.touch(id);
  }

  /** Keeps an entry that is confined, or that no folder leads to; says whether there is a reason to. */
  async park(id: VlobId, direction: Direction): Promise<boolean> {
    const edition = this.#edition;
    const place = await localPlace(this.#tree, id);
    if (edition !== this.#edition || place.kind === "synchronized") return false;
    this.aside.remove(id);
    if (place.kind === "missing") return true;
    if (place.kind === "confined") this.#parked.park(id, place.chain);
    else this.#unreachable.add(id);
    if (direction === "in") this.#parkedIn.add(id);
    return true;
  }

  /** It is to be looked at again; says whether the server has more of it. */
  release(id: VlobId): boolean {
    this.#parked.release(id);
    this.#unreachable.delete(id);
    return this.#parkedIn.delete(id);
  }

  get hasNews(): boolean {
    if (this.#parked.hasTouched || this.aside.unplaced.size > 0) return true;
    return this.#unreachable.size > 0 && this.#edition !== this.#checkedEdition;
  }

  /** Finds the places of entries that are set aside and cannot be read: some folder lists them. */
  async findPlaces(): Promise<void> {
    const { unplaced } = this.aside;
    if (unplaced.size > 0) this.aside.setPaths(await listedPaths(this.#tree, new Set(unplaced)));
  }

  /** The entries that may have to stay here no longer. They are still held until they are released. */
  async mayGo(): Promise<ReadonlySet<VlobId>> {
    const ids = new Set(this.#edition === this.#checkedEdition ? [] : this.#unreachable);
    this.#checkedEdition = this.#edition;
    for (const folder of this.#parked.takeTouched()) {
      const place = await localPlace(this.#tree, folder);
      // Confined itself: what is below it comes along, to where it is now.
      if (place.kind === "confined" && this.#parked.isStillAt(folder, place.chain)) continue;
      const isFree = place.kind === "synchronized" && isFolder(place.manifest);
      const confined = isFree ? place.manifest.localConfinementPoints : undefined;
      for (const id of this.#parked.below(folder, confined)) ids.add(id);
    }
    return ids;
  }
}
