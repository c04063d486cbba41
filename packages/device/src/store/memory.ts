import { DeviceStoreError } from "../errors.ts";
import { hasExtension, sortPaths } from "./path.ts";
import type { DeviceStore } from "./port.ts";

/** Files in the memory of this process. They live as long as the store. */
export function memoryDeviceStore(): DeviceStore {
  const files = new Map<string, Uint8Array>();
  const get = (path: string): Uint8Array => {
    const content = files.get(path);
    if (content === undefined) throw new DeviceStoreError("NOT_FOUND", path);
    return content;
  };
  return {
    list: async (folder, extension) => {
      const inside = [...files.keys()].filter((path) => path.startsWith(`${folder}/`));
      return sortPaths(inside.filter((path) => hasExtension(path, extension)));
    },
    read: async (path) => Uint8Array.from(get(path)),
    write: async (path, content) => {
      files.set(path, Uint8Array.from(content));
    },
    rename: async (from, to) => {
      const content = get(from);
      files.delete(from);
      files.set(to, content);
    },
    remove: async (path) => {
      get(path);
      files.delete(path);
    },
  };
}
