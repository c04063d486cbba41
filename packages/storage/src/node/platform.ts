import type { StorageDriver } from "../driver/port.ts";
import { sqliteDriver } from "./sqlite/driver.ts";

/** The databases of this platform under `dir`: SQLite files. */
export function platformDriver(dir: string): StorageDriver {
  return sqliteDriver({ dir });
}
