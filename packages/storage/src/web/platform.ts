import { memoryDriver } from "../driver/memory/driver.ts";
import type { StorageDriver } from "../driver/port.ts";

/** The databases of this platform under `dir`. */
export function platformDriver(_dir: string): StorageDriver {
  return memoryDriver();
}
