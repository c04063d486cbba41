import { fileDeviceStore } from "./file-store.ts";
import { baseFolders } from "./folders.ts";

export { fileDeviceStore };

export function defaultFolders(): { readonly config: string; readonly data: string } {
  return baseFolders();
}
