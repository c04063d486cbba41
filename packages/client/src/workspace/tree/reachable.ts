import type { VlobId } from "@parsec/types";
import { isFolder, isForgotten, type LocalManifest } from "../manifests.ts";
import { nameIn } from "./name-index.ts";

interface LocalSource {
  getLocal(id: VlobId): Promise<LocalManifest | undefined>;
}

/** Whether folders of this device lead from the root to the entry (spec 11 §4.2). */
export async function isReachable(source: LocalSource, rootId: VlobId, id: VlobId): Promise<boolean> {
  const seen = new Set<VlobId>();
  for (let current = id; current !== rootId; ) {
    const entry = await source.getLocal(current);
    if (entry === undefined || isForgotten(entry) || seen.has(current)) return false;
    seen.add(current);
    const parent = await source.getLocal(entry.parent);
    if (parent === undefined || !isFolder(parent) || nameIn(parent.children, current) === undefined) return false;
    current = entry.parent;
  }
  return true;
}
