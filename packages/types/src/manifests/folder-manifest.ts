import { type Infer, map, tagged, Version } from "../codec/index.ts";
import { EntryName } from "../entry-name.ts";
import { DeviceId, VlobId } from "../ids.ts";
import { withIntegrity } from "../integrity.ts";
import { DateTime } from "../time.ts";

const anyChildren = /* @__PURE__ */ map(EntryName, VlobId);

/**
 * The children of a folder by name. Of names that are equal once normalized the last wins; of the names of one entry,
 * which has a single place, the first in their order stays, whatever the order of the bytes.
 */
export const FolderChildren = /* @__PURE__ */ childrenCodec();

function childrenCodec(): typeof anyChildren {
  return { ...anyChildren, decode: (reader) => withOneNameEach(anyChildren.decode(reader)) };
}

function withOneNameEach(children: ReadonlyMap<EntryName, VlobId>): ReadonlyMap<EntryName, VlobId> {
  if (new Set(children.values()).size === children.size) return children;
  const names = new Map<VlobId, EntryName>();
  for (const [name, id] of children) {
    const known = names.get(id);
    if (known === undefined || name < known) names.set(id, name);
  }
  return new Map([...children].filter(([name, id]) => names.get(id) === name));
}

/**
 * One version of a folder: its children by name (spec 04 §5.2). To load one, choose {@link ChildFolderManifest} or {@link RootFolderManifest}.
 */
export const FolderManifest = /* @__PURE__ */ tagged("type", "folder_manifest", {
  author: DeviceId,
  timestamp: DateTime,
  id: VlobId,
  parent: VlobId,
  version: Version,
  created: DateTime,
  updated: DateTime,
  children: FolderChildren,
});
export type FolderManifest = Infer<typeof FolderManifest>;

/** A folder that is not the root of its workspace. */
export const ChildFolderManifest = /* @__PURE__ */ withIntegrity(FolderManifest, ({ id, parent }) =>
  id === parent ? "id and parent are different for child manifest" : undefined,
);

/** The root folder of a workspace: its own parent, under the id of the realm. */
export const RootFolderManifest = /* @__PURE__ */ withIntegrity(FolderManifest, ({ id, parent }) =>
  id !== parent ? "id and parent are the same for root manifest" : undefined,
);
