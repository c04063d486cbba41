import { BugError } from "@parsec/base";
import type { SecretKey } from "@parsec/crypto";
import {
  type LocalFileManifest,
  type LocalFolderManifest,
  openLocalChildManifest,
  openLocalWorkspaceManifest,
  VlobId,
} from "@parsec/types";
import { openStored } from "./sealed.ts";

/** A file, a folder, or the root folder as this device knows it. */
export type WorkspaceManifest = LocalFileManifest | LocalFolderManifest;

/**
 * The manifest stored under `id`.
 * @throws StorageError STORAGE_CORRUPTED, also when another entry's manifest is there
 */
export function openWorkspaceManifest(
  key: SecretKey,
  realmId: VlobId,
  id: VlobId,
  blob: Uint8Array,
): WorkspaceManifest {
  return openStored(`entry ${VlobId.display(id)}`, () => {
    const manifest = id === realmId ? openLocalWorkspaceManifest(blob, key) : openLocalChildManifest(blob, key);
    if (manifest.base.id !== id) throw new BugError("The row holds the manifest of another entry");
    return manifest;
  });
}
