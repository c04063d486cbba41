import type { EntryName, VlobId } from "@parsec/types";
import { type Children, namesOf } from "../tree/name-index.ts";
import { nameConflictName } from "./conflict-name.ts";

/**
 * Who gives a child that stays its name, in the order in which they take names: the remote side, a local rename that
 * saves the child from a remote removal, the local side.
 */
type Claim = "remote" | "rescue" | "local";
const claimOrder: readonly Claim[] = ["remote", "rescue", "local"];

interface Choice {
  readonly name: EntryName;
  readonly claim: Claim;
}

/**
 * Three-way merge of the children of a folder (table of spec 11 §10): additions of both sides stay, a rename beats a
 * removal, a remote rename beats a local one. Two entries that claim one name: the remote one gets it. Children in
 * `kept` stay although the remote side removed them.
 */
export function mergeChildren(
  base: Children,
  local: Children,
  remote: Children,
  kept: ReadonlySet<VlobId> = new Set(),
): Children {
  const baseNames = namesOf(base);
  const localNames = namesOf(local);
  const remoteNames = namesOf(remote);
  const ids = new Set([...local.values(), ...remote.values()]);
  const staying = [...ids].flatMap((id) => {
    const choice = choose(kept.has(id) ? undefined : baseNames.get(id), localNames.get(id), remoteNames.get(id));
    return choice === undefined ? [] : [{ id, ...choice }];
  });
  staying.sort((a, b) => claimOrder.indexOf(a.claim) - claimOrder.indexOf(b.claim) || (a.name < b.name ? -1 : 1));
  const merged = new Map<EntryName, VlobId>();
  for (const { id, name } of staying) {
    merged.set(merged.has(name) ? nameConflictName(name, (candidate) => merged.has(candidate)) : name, id);
  }
  return merged;
}

/** The name after the merge, or none when the child goes. `undefined` means: not in the folder on that side. */
function choose(
  base: EntryName | undefined,
  local: EntryName | undefined,
  remote: EntryName | undefined,
): Choice | undefined {
  if (local === undefined)
    return remote === undefined || remote === base ? undefined : { name: remote, claim: "remote" };
  if (remote === undefined) {
    if (local === base) return undefined;
    return { name: local, claim: base === undefined ? "local" : "rescue" };
  }
  return remote === base && local !== base ? { name: local, claim: "local" } : { name: remote, claim: "remote" };
}
