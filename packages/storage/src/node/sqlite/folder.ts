import { closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Creates a folder with those above it, for their owner alone. Each is on disk once the folder that it is in has been
 * told so.
 */
export function makeFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const above = dirname(first);
  for (let folder = dirname(path); folder.length > above.length; folder = dirname(folder)) syncFolder(folder);
  syncFolder(above);
}

/**
 * Makes new names in a folder outlive a power cut. Not every system, and not every file system, syncs a folder: there
 * they are as durable as it gets.
 */
export function syncFolder(path: string): void {
  if (process.platform === "win32") return;
  try {
    const folder = openSync(path, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    if (!cannotSync.has(codeOf(error))) throw error;
  }
}

/** A folder that may be written to and not be read, or a file system without this call. */
const cannotSync: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EINVAL", "ENOTSUP", "EOPNOTSUPP"]);

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
