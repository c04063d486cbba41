import { BugError } from "@parsec/base";
import type { SecretKey } from "@parsec/crypto";
import {
  type LocalFileManifest,
  type LocalFolderManifest,
  openLocalChildManifest,
  openLocalWorkspaceManifest,
  type VlobId,
} from "@parsec/types";
import { damagedEntry, type StorageError } from "../errors.ts";
import { isDamage } from "./sealed.ts";

/** A file, a folder, or the root folder as this device knows it. */
export type WorkspaceManifest = LocalFileManifest | LocalFolderManifest;

/** An entry whose stored manifest cannot be read. It stays as it is until another one is stored. */
export interface DamagedManifest {
  readonly id: VlobId;
  /** Names the entry. */
  readonly damage: StorageError;
}

/**
 * The manifest stored under `id`.
 * @throws StorageError STORAGE_CORRUPTED that names the entry, also when another entry's manifest is there
 */
export function openWorkspaceManifest(
  key: SecretKey,
  realmId: VlobId,
  id: VlobId,
  blob: Uint8Array,
): WorkspaceManifest {
  try {
    const manifest = id === realmId ? openLocalWorkspaceManifest(blob, key) : openLocalChildManifest(blob, key);
    if (manifest.base.id !== id) throw new BugError("The row holds the manifest of another entry");
    return manifest;
  } catch (error) {
    throw isDamage(error) ? damagedEntry(id, error) : error;
  }
}
