import type { StorageDriver } from "../driver/port.ts";
import type { RealmExportFile } from "../driver/realm-export.ts";
import { sqliteDriver } from "./sqlite/driver.ts";

/** The databases of this platform under `dir`: SQLite files. */
export function platformDriver(dir: string): StorageDriver {
  return sqliteDriver({ dir });
}

/** Opens the file of an exported realm; it is never written. @throws RealmExportError; StorageError NATIVE_MODULE_MISSING */
export async function openRealmExportFile(path: string): Promise<RealmExportFile> {
  const { openRealmExport } = await import("./sqlite/realm-export.ts");
  return openRealmExport(path);
}
