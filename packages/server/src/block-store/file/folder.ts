import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

/** More folders than these are looked at again. */
const knownLimit = 20_000;

/** The folders below one that exists, each created when it is first needed, and on the disk before anything is in it. */
export class FolderTree {
  readonly #top: string;
  readonly #known = new Map<string, Promise<void>>();

  constructor(top: string) {
    this.#top = top;
  }

  /** Resolves when the folder is on the disk, with those above it, whoever has created them. */
  async ensure(path: string): Promise<void> {
    if (path === this.#top) return;
    let making = this.#known.get(path);
    if (making === undefined) {
      if (this.#known.size >= knownLimit) this.#known.clear();
      making = this.#make(path);
      this.#known.set(path, making);
      making.catch(() => this.#known.delete(path));
    }
    await making;
  }

  /** To be called when one of them is gone. */
  forget(): void {
    this.#known.clear();
  }

  async #make(path: string): Promise<void> {
    const above = dirname(path);
    await this.ensure(above);
    await makeOne(path);
    // Also when it was there: who made it may have died, or may still be about to do this.
    await syncFolder(above);
  }
}

/**
 * Creates a folder with those above it. Each is on disk once the folder that it is in has been told so. Not by the option
 * `recursive` of Node, which never ends where a file system refuses all names, as that of processes does.
 */
export async function makeFolder(path: string): Promise<void> {
  const above = dirname(path);
  try {
    if (!(await makeOne(path))) return;
  } catch (error) {
    if (fileErrorCode(error) !== "ENOENT" || above === path) throw error;
    await makeFolder(above);
    await makeOne(path);
  }
  await syncFolder(above);
}

/** Creates one folder; false when there is something of that name already. */
async function makeOne(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (fileErrorCode(error) !== "EEXIST") throw error;
    return false;
  }
}

/**
 * Makes the names in a folder outlive a power cut. Not every system, and not every file system, syncs a folder: there they
 * are as durable as it gets.
 */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (!cannotSync.has(fileErrorCode(error))) throw error;
  }
}

/** A folder that may be written to and not be read, or a file system without this call. */
const cannotSync: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EINVAL", "ENOTSUP", "EOPNOTSUPP"]);

/** `ENOENT` and the like; empty for an error of another kind. */
export function fileErrorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
