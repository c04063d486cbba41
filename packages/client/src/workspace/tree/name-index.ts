import type { EntryName, VlobId } from "@parsec/types";

/** The children of a folder, by name. */
export type Children = ReadonlyMap<EntryName, VlobId>;

/** Made when first asked for, and kept as long as the children are: manifests do not change. */
const known = /* @__PURE__ */ new WeakMap<Children, ReadonlyMap<VlobId, EntryName>>();

/** The names of the children by id. Of two names of one entry, which only a faulty client writes, the last one. */
export function namesOf(children: Children): ReadonlyMap<VlobId, EntryName> {
  let names = known.get(children);
  if (names === undefined) {
    names = new Map(Array.from(children, ([name, id]) => [id, name]));
    known.set(children, names);
  }
  return names;
}

/** The name that a folder gives to an entry. */
export function nameIn(children: Children, id: VlobId): EntryName | undefined {
  return namesOf(children).get(id);
}

/** For who changes children in place and `names` with them. */
export function keepNames(children: Children, names: ReadonlyMap<VlobId, EntryName>): void {
  known.set(children, names);
}
