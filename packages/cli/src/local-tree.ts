import { createReadStream } from "node:fs";
import { lstat, opendir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ImportEntry } from "@parsec/client";

/**
 * A local file, or all that a local folder holds, as entries to import: a folder comes before its content. Names are
 * read one folder at a time, content only when the import asks for it. Symbolic links are not followed.
 */
export async function* localTree(path: string): AsyncGenerator<ImportEntry, void, undefined> {
  const stats = await lstat(path);
  if (stats.isDirectory()) yield* contentOf(path, []);
  else yield await entryAt(path, [basename(path)]);
}

async function* contentOf(folder: string, names: readonly string[]): AsyncGenerator<ImportEntry, void, undefined> {
  const found: string[] = [];
  for await (const { name } of await opendir(folder)) found.push(name);
  // A stable order, so that a run that goes on after an interruption meets the same entries in the same order.
  for (const name of found.sort()) {
    const path = join(folder, name);
    const entry = await entryAt(path, [...names, name]);
    yield entry;
    if (entry.kind === "folder") yield* contentOf(path, entry.names);
  }
}

async function entryAt(path: string, names: readonly string[]): Promise<ImportEntry> {
  const stats = await lstat(path);
  if (stats.isDirectory()) return { kind: "folder", names };
  if (stats.isFile()) return { kind: "file", names, size: stats.size, open: () => createReadStream(path) };
  return { kind: "other", names, what: stats.isSymbolicLink() ? "symbolic link" : "special file" };
}
