import { type EntryName, FsPath, type VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { isFolder, type LocalManifest, type ManifestOptions } from "../manifests.ts";
import { nameIn } from "./name-index.ts";

/** Where an entry is (spec 11 §4.2). */
export type Whereabouts =
  | { readonly kind: "missing" }
  /** It exists, and no chain of folders leads to it from the root. */
  | { readonly kind: "unreachable"; readonly manifest: LocalManifest }
  | {
      readonly kind: "reachable";
      readonly manifest: LocalManifest;
      readonly path: FsPath;
      /** The outermost folder that keeps the entry on this device; null when it is synchronized. */
      readonly confinedBy: VlobId | null;
      /** Ids from the root to the entry. */
      readonly chain: readonly VlobId[];
    };

/** Walks from an entry up to the root. */
export async function whereabouts(
  context: WorkspaceContext,
  id: VlobId,
  options: ManifestOptions = {},
): Promise<Whereabouts> {
  const manifest = await context.manifests.find(id, options);
  if (manifest === undefined) return { kind: "missing" };
  const names: EntryName[] = [];
  const chain = [id];
  const seen = new Set(chain);
  let confinedBy: VlobId | null = null;
  let current = manifest;
  while (current.base.id !== context.realmId) {
    const parent: LocalManifest | undefined = seen.has(current.parent)
      ? undefined
      : await context.manifests.find(current.parent, options);
    const name = parent !== undefined && isFolder(parent) ? nameIn(parent.children, current.base.id) : undefined;
    if (parent === undefined || name === undefined || !isFolder(parent)) return { kind: "unreachable", manifest };
    if (parent.localConfinementPoints.has(current.base.id)) confinedBy = parent.base.id;
    names.push(name);
    chain.push(parent.base.id);
    seen.add(parent.base.id);
    current = parent;
  }
  return { kind: "reachable", manifest, path: FsPath.of(names.reverse()), confinedBy, chain: chain.reverse() };
}
