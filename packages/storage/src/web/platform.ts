import type { StorageDriver } from "../driver/port.ts";
import { indexedDbDriver } from "./indexeddb/driver.ts";

/** The databases of this platform under `dir`: IndexedDB databases whose names begin with it. */
export function platformDriver(dir: string): StorageDriver {
  return indexedDbDriver({ dir });
}
