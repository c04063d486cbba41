import { Bool, type Infer, set, tagged } from "../codec/index.ts";
import { type DeviceId, VlobId } from "../ids.ts";
import { withIntegrity } from "../integrity.ts";
import { FolderChildren, FolderManifest } from "../manifests/folder-manifest.ts";
import { DateTime } from "../time.ts";

/**
 * The working copy of a folder (spec 04 §6.2). `localConfinementPoints` are the children that stay on this device,
 * `remoteConfinementPoints` those of `base` that are not shown. Loaded as this, without rule, to apply a new pattern;
 * else choose {@link LocalChildFolderManifest} or {@link LocalRootFolderManifest}.
 */
export const LocalFolderManifest = /* @__PURE__ */ tagged("type", "local_folder_manifest", {
  base: FolderManifest,
  parent: VlobId,
  needSync: Bool,
  updated: DateTime,
  children: FolderChildren,
  localConfinementPoints: /* @__PURE__ */ set(VlobId),
  remoteConfinementPoints: /* @__PURE__ */ set(VlobId),
  speculative: Bool,
});
export type LocalFolderManifest = Infer<typeof LocalFolderManifest>;

export const LocalChildFolderManifest = /* @__PURE__ */ withIntegrity(LocalFolderManifest, ({ base, parent }) =>
  base.id === parent ? "id and parent are different for child manifest" : undefined,
);

export const LocalRootFolderManifest = /* @__PURE__ */ withIntegrity(LocalFolderManifest, ({ base, parent }) =>
  base.id !== parent ? "id and parent are the same for root manifest" : undefined,
);

/** A new empty folder, never uploaded. */
export function newLocalFolderManifest(
  author: DeviceId,
  parent: VlobId,
  now: DateTime,
  id: VlobId = VlobId.generate(),
): LocalFolderManifest {
  const base: FolderManifest = {
    type: "folder_manifest",
    author,
    timestamp: now,
    id,
    parent,
    version: 0,
    created: now,
    updated: now,
    children: new Map(),
  };
  return {
    type: "local_folder_manifest",
    base,
    parent,
    needSync: true,
    updated: now,
    children: new Map(),
    localConfinementPoints: new Set(),
    remoteConfinementPoints: new Set(),
    speculative: false,
  };
}

/** The new root of a workspace. Speculative: a stand-in until the real one is fetched (spec 04 §6.4). */
export function newLocalRootManifest(
  author: DeviceId,
  realmId: VlobId,
  now: DateTime,
  { speculative }: { readonly speculative: boolean },
): LocalFolderManifest {
  return { ...newLocalFolderManifest(author, realmId, now, realmId), speculative };
}
