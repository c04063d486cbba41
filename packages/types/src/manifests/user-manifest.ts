import { type Infer, tagged, Version } from "../codec/index.ts";
import { DeviceId, VlobId } from "../ids.ts";
import { DateTime } from "../time.ts";

/** Holds nothing since Parsec 3; the list of workspaces comes from certificates (spec 04 §5.3). Its id is the realm's. */
export const UserManifest = /* @__PURE__ */ tagged("type", "user_manifest", {
  author: DeviceId,
  timestamp: DateTime,
  id: VlobId,
  version: Version,
  created: DateTime,
  updated: DateTime,
});
export type UserManifest = Infer<typeof UserManifest>;
