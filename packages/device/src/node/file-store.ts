import { mkdir, open, readdir, rename, rm, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomBytes, requireText, toHex } from "@parsec/base";
import { DeviceStoreError, type DeviceStoreErrorCode } from "../errors.ts";
import { hasExtension, sortPaths } from "../store/path.ts";
import type { DeviceStore } from "../store/port.ts";

/** The configuration files in a folder, created when missing, for its owner alone. */
export function fileDeviceStore(dir: string): DeviceStore {
  requireText("dir", dir, { filled: true });
  const at = (path: string) => join(dir, path);
  return {
    list: async (folder, extension) => {
      const paths = await walk(at(folder), folder);
      return sortPaths(paths.filter((path) => hasExtension(path, extension)));
    },
    read: (path) => during(path, readCodes, () => readWhole(at(path))),
    write: (path, content) => during(path, writeCodes, () => replaceFile(at(path), content)),
    rename: (from, to) =>
      during(from, writeCodes, async () => {
        const [source, target] = [at(from), at(to)];
        await rename(source, target);
        await syncFolder(dirname(target));
        if (dirname(source) !== dirname(target)) await syncFolder(dirname(source));
      }),
    remove: (path) =>
      during(path, readCodes, async () => {
        await unlink(at(path));
        await syncFolder(dirname(at(path)));
      }),
  };
}

/** Files below a folder; links and special files are neither files nor folders. */
async function walk(folder: string, path: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    if (codeOf(cause) === "ENOENT") return [];
    throw new DeviceStoreError("STORAGE_NOT_AVAILABLE", path, { cause });
  });
  const paths: string[] = [];
  for (const entry of entries) {
    const child = `${path}/${entry.name}`;
    if (entry.isDirectory()) for (const below of await walk(join(folder, entry.name), child)) paths.push(below);
    else if (entry.isFile()) paths.push(child);
  }
  return paths;
}

/** Longer files are not configuration files: reading stops here. */
const maxSize = 16 * 1024 * 1024;

async function readWhole(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (size > maxSize) throw Object.assign(new Error("The file is too long"), { code: "EFBIG" });
    return new Uint8Array(await file.readFile());
  } finally {
    await file.close();
  }
}

/**
 * The new content beside the old one, on disk, then in its place. The temporary name is different each time: two
 * writers never write to one file.
 */
async function replaceFile(path: string, content: Uint8Array): Promise<void> {
  await makeFolder(dirname(path));
  const temporary = `${path}.${toHex(randomBytes(4))}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Creates a folder with those above it. Each is on disk once the folder that it is in has been told so. */
async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const above = dirname(first);
  for (let folder = dirname(path); folder.length > above.length; folder = dirname(folder)) await syncFolder(folder);
  await syncFolder(above);
}

/**
 * Makes new names outlive a power cut. Not every system, and not every file system, syncs a folder: there they are as
 * durable as it gets.
 */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!cannotSync.has(codeOf(error))) throw error;
  }
}

/** A folder that may be written to and not be read, or a file system without this call. */
const cannotSync: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EINVAL", "ENOTSUP", "EOPNOTSUPP"]);

type Codes = Readonly<Record<string, DeviceStoreErrorCode>>;

const readCodes: Codes = {
  ENOENT: "NOT_FOUND",
  EISDIR: "NOT_A_FILE",
  ENOTDIR: "INVALID_PARENT",
  EACCES: "INVALID_PATH",
  EPERM: "INVALID_PATH",
  ENAMETOOLONG: "INVALID_PATH",
  EINVAL: "INVALID_PATH",
  ERR_INVALID_ARG_VALUE: "INVALID_PATH",
  EFBIG: "NOT_A_FILE",
};

const writeCodes: Codes = {
  ENOENT: "PARENT_NOT_FOUND",
  EISDIR: "NOT_A_FILE",
  ENOTEMPTY: "NOT_A_FILE",
  ENOTDIR: "INVALID_PARENT",
  EEXIST: "CANNOT_EDIT",
  EACCES: "CANNOT_EDIT",
  EPERM: "CANNOT_EDIT",
  EROFS: "CANNOT_EDIT",
  ENAMETOOLONG: "INVALID_PATH",
  EINVAL: "INVALID_PATH",
  ERR_INVALID_ARG_VALUE: "INVALID_PATH",
  ENOSPC: "NO_SPACE_LEFT",
  EDQUOT: "NO_SPACE_LEFT",
  EFBIG: "NO_SPACE_LEFT",
};

async function during<T>(path: string, codes: Codes, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new DeviceStoreError(codes[codeOf(cause)] ?? "STORAGE_NOT_AVAILABLE", path, { cause });
  }
}

function codeOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}
