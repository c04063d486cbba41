import type { StorageDriver } from "../driver/port.ts";
import type { RealmExportFile } from "../driver/realm-export.ts";
import { RealmExportError } from "../errors.ts";
import { indexedDbDriver } from "./indexeddb/driver.ts";

/** The databases of this platform under `dir`: IndexedDB databases whose names begin with it. */
export function platformDriver(dir: string): StorageDriver {
  return indexedDbDriver({ dir });
}

/** @throws RealmExportError CANNOT_OPEN_REALM_EXPORT, always */
export async function openRealmExportFile(_path: string): Promise<RealmExportFile> {
  throw new RealmExportError("CANNOT_OPEN_REALM_EXPORT", "A browser cannot open an exported workspace: use Node");
}
