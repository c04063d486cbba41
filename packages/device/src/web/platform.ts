export { opfsDeviceStore as fileDeviceStore } from "./opfs-store.ts";

/** The root of the origin's storage (spec 06 §2.1). */
export function defaultFolders(): { readonly config: string; readonly data: string } {
  return { config: "/", data: "/" };
}
