import { requireText } from "@parsec/base";
import { DeviceStoreError, type DeviceStoreErrorCode } from "../errors.ts";
import { hasExtension, sortPaths } from "../store/path.ts";
import type { DeviceStore } from "../store/port.ts";

/** The configuration files in a folder of the origin private file system (spec 06 §2.3). */
export function opfsDeviceStore(dir: string): DeviceStore {
  requireText("dir", dir);
  return {
    list: (folder, extension) =>
      during(folder, async () => {
        // Created when missing: some browsers fail on a folder that does not exist.
        const handle = await openFolder([...parts(dir), ...parts(folder)], true);
        const paths = await walk(handle, folder);
        return sortPaths(paths.filter((path) => hasExtension(path, extension)));
      }),
    read: (path) => during(path, () => readFile(dir, path)),
    write: (path, content) => during(path, () => writeFile(dir, path, content)),
    rename: (from, to) =>
      during(from, async () => {
        await writeFile(dir, to, await readFile(dir, from));
        await removeFile(dir, from);
      }),
    remove: (path) => during(path, () => removeFile(dir, path)),
  };
}

function parts(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

async function openFolder(names: readonly string[], create: boolean): Promise<FileSystemDirectoryHandle> {
  let folder = await navigator.storage.getDirectory();
  for (const name of names) folder = await folder.getDirectoryHandle(name, { create });
  return folder;
}

async function locate(dir: string, path: string, create: boolean) {
  const names = [...parts(dir), ...parts(path)];
  const name = names.pop() ?? "";
  return { folder: await openFolder(names, create), name };
}

async function walk(folder: FileSystemDirectoryHandle, path: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const [name, handle] of folder.entries()) {
    const child = `${path}/${name}`;
    if (isFolder(handle)) for (const below of await walk(handle, child)) paths.push(below);
    else paths.push(child);
  }
  return paths;
}

function isFolder(handle: FileSystemHandle): handle is FileSystemDirectoryHandle {
  return handle.kind === "directory";
}

async function readFile(dir: string, path: string): Promise<Uint8Array> {
  const { folder, name } = await locate(dir, path, false);
  const file = await (await folder.getFileHandle(name)).getFile();
  return new Uint8Array(await file.arrayBuffer());
}

/** The browser keeps what is written apart until `close`, then swaps it in: the old content or the new one. */
async function writeFile(dir: string, path: string, content: Uint8Array): Promise<void> {
  const { folder, name } = await locate(dir, path, true);
  const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
  try {
    await writable.write(Uint8Array.from(content));
  } catch (error) {
    await writable.abort().catch(() => undefined);
    throw error;
  }
  await writable.close();
}

async function removeFile(dir: string, path: string): Promise<void> {
  const { folder, name } = await locate(dir, path, false);
  await folder.removeEntry(name);
}

const codes: Readonly<Record<string, DeviceStoreErrorCode>> = {
  NotFoundError: "NOT_FOUND",
  TypeMismatchError: "NOT_A_FILE",
  QuotaExceededError: "NO_SPACE_LEFT",
  NoModificationAllowedError: "CANNOT_EDIT",
  InvalidModificationError: "NOT_A_FILE",
  TypeError: "INVALID_PATH",
};

async function during<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const name = cause instanceof Error || cause instanceof DOMException ? cause.name : "";
    throw new DeviceStoreError(codes[name] ?? "STORAGE_NOT_AVAILABLE", path, { cause });
  }
}
