import type { VlobId } from "@parsec/types";

/** The parent after a merge: a remote move wins over a local one (spec 11 §10). */
export function mergeParent(base: VlobId, local: VlobId, remote: VlobId): VlobId {
  return remote === base ? local : remote;
}
