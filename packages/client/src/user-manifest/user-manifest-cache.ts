import type { LocalUserManifest } from "@parsec/types";

/** The local user manifest: the list of workspaces as last seen, kept on this device only (spec 09a §8). */
export interface UserManifestCache {
  readonly current: LocalUserManifest;
  /** Read, modify and write, one at a time. `change` gives back the manifest itself when nothing changes. */
  update(change: (manifest: LocalUserManifest) => Promise<LocalUserManifest> | LocalUserManifest): Promise<LocalUserManifest>;
}
