import { type Infer, map, tagged, Version } from "../codec/index.ts";
import { EntryName } from "../entry-name.ts";
import { DeviceId, VlobId } from "../ids.ts";
import { withIntegrity } from "../integrity.ts";
import { DateTime } from "../time.ts";

/**
 * One version of a folder: its children by name (spec 04 §5.2). Of names that are equal once normalized the last wins.
 * To load one, choose {@link ChildFolderManifest} or {@link RootFolderManifest}.
 */
export const FolderManifest = /* @__PURE__ */ tagged("type", "folder_manifest", {
  author: DeviceId,
  timestamp: DateTime,
  id: VlobId,
  parent: VlobId,
  version: Version,
  created: DateTime,
  updated: DateTime,
  children: /* @__PURE__ */ map(EntryName, VlobId),
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
