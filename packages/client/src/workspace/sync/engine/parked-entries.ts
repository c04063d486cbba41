import type { VlobId } from "@parsec/types";

/**
 * Entries that stay on this device as long as a folder above them confines them (spec 11 §9), found again when that
 * folder, or one in between, changes.
 */
export class ParkedEntries {
  /** For each entry the ids from the confining folder to the entry, both included. */
  readonly #chains = new Map<VlobId, readonly VlobId[]>();
  /** By each folder of these chains, and by what comes next below it: the entries. */
  readonly #below = new Map<VlobId, Map<VlobId, Set<VlobId>>>();
  readonly #touched = new Set<VlobId>();

  has(id: VlobId): boolean {
    return this.#chains.has(id);
  }

  park(id: VlobId, chain: readonly VlobId[]): void {
    this.release(id);
    this.#chains.set(id, chain);
    for (const [folder, next] of linksOf(chain)) {
      const branches = this.#below.get(folder) ?? new Map<VlobId, Set<VlobId>>();
      this.#below.set(folder, branches);
      branches.set(next, (branches.get(next) ?? new Set()).add(id));
    }
  }

  release(id: VlobId): void {
    const chain = this.#chains.get(id);
    if (chain === undefined) return;
    this.#chains.delete(id);
    for (const [folder, next] of linksOf(chain)) {
      const branches = this.#below.get(folder);
      const entries = branches?.get(next);
      entries?.delete(id);
      if (entries?.size === 0) branches?.delete(next);
      if (branches?.size === 0) this.#below.delete(folder);
    }
  }

  /** An entry changed: what it confines may be free. */
  touch(id: VlobId): void {
    if (this.#below.has(id)) this.#touched.add(id);
  }

  get hasTouched(): boolean {
    return this.#touched.size > 0;
  }

  takeTouched(): readonly VlobId[] {
    const ids = [...this.#touched];
    this.#touched.clear();
    return ids;
  }

  /** The entries below a folder, but for the branches that it still confines itself. */
  *below(folder: VlobId, confined?: ReadonlySet<VlobId>): Generator<VlobId, void, undefined> {
    for (const [next, entries] of this.#below.get(folder) ?? []) {
      if (confined?.has(next) !== true) yield* entries;
    }
  }

  /** Whether that is still the way from the confining folder to this one. */
  isStillAt(folder: VlobId, chain: readonly VlobId[]): boolean {
    const [branch] = this.#below.get(folder)?.values() ?? [];
    const [entry] = branch ?? [];
    const known = entry === undefined ? [] : (this.#chains.get(entry) ?? []);
    return chain.every((id, at) => id === known[at]) && known[chain.length - 1] === folder;
  }
}

function* linksOf(chain: readonly VlobId[]): Generator<readonly [VlobId, VlobId], void, undefined> {
  for (let at = 0; at + 1 < chain.length; at += 1) {
    const [folder, next] = [chain[at], chain[at + 1]];
    if (folder !== undefined && next !== undefined) yield [folder, next];
  }
}
