import type { EntryName, VlobId } from "@parsec/types";
import { FsPath } from "@parsec/types";
import { isFolder, type LocalManifest, type Manifests } from "../../manifests.ts";
import { nameIn } from "../../tree/name-index.ts";

/** What this device has of a workspace; a `WorkspaceContext` is one. */
export interface LocalTree {
  /** The id of the root. */
  readonly realmId: VlobId;
  readonly manifests: Pick<Manifests, "getLocal" | "folders">;
}

/** Where an entry is, as far as this device alone knows. */
export type LocalPlace =
  | { readonly kind: "missing" }
  | { readonly kind: "unreachable"; readonly manifest: LocalManifest }
  | {
      readonly kind: "synchronized" | "confined";
      readonly manifest: LocalManifest;
      readonly path: FsPath;
      /** For what is confined: the ids from the folder that confines it to the entry. */
      readonly chain: readonly VlobId[];
    };

/** Walks up to the root without the network. */
export async function localPlace(tree: LocalTree, id: VlobId): Promise<LocalPlace> {
  const manifest = await tree.manifests.getLocal(id);
  if (manifest === undefined) return { kind: "missing" };
  const names: EntryName[] = [];
  const below = [id];
  const seen = new Set(below);
  let chain: readonly VlobId[] = [];
  for (let current = manifest; current.base.id !== tree.realmId; ) {
    const parent = seen.has(current.parent) ? undefined : await tree.manifests.getLocal(current.parent);
    const name = parent !== undefined && isFolder(parent) ? nameIn(parent.children, current.base.id) : undefined;
    if (parent === undefined || !isFolder(parent) || name === undefined) return { kind: "unreachable", manifest };
    names.push(name);
    below.push(parent.base.id);
    seen.add(parent.base.id);
    if (parent.localConfinementPoints.has(current.base.id)) chain = below.toReversed();
    current = parent;
  }
  const path = FsPath.of(names.reverse());
  return { kind: chain.length > 0 ? "confined" : "synchronized", manifest, path, chain };
}

/** The path of an entry on this device, for people to read. */
export async function localPath(tree: LocalTree, id: VlobId): Promise<string | undefined> {
  const place = await localPlace(tree, id);
  return "path" in place ? place.path : undefined;
}

/** The paths of entries that cannot be read, as the folders tell that list them. */
export async function listedPaths(tree: LocalTree, wanted: ReadonlySet<VlobId>): Promise<ReadonlyMap<VlobId, string>> {
  const paths = new Map<VlobId, string>();
  for (const { base, children } of (await tree.manifests.folders()).values()) {
    for (const [name, id] of children) {
      if (!wanted.has(id) || paths.has(id)) continue;
      const folder = await localPath(tree, base.id).catch(() => undefined);
      if (folder !== undefined) paths.set(id, folder === "/" ? `/${name}` : `${folder}/${name}`);
    }
  }
  return paths;
}
