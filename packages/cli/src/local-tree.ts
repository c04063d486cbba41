import { createReadStream } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ImportEntry } from "@parsec/client";

/**
 * A local file, or all that a local folder holds, as entries to import: a folder comes before its content. Names are
 * read one folder at a time, content only when the import asks for it. Symbolic links are not followed. What cannot be
 * read, or is gone when its turn comes, is an entry too, that says why; only `path` itself has to be there.
 */
export async function* localTree(path: string): AsyncGenerator<ImportEntry, void, undefined> {
  const stats = await lstat(path);
  if (stats.isDirectory()) yield* entriesOf(await namesIn(path), path, []);
  else yield await entryAt(path, [basename(path)]);
}

/** Names are bytes: those that are no text have no path either. */
type Name = { readonly text: string } | { readonly undecodable: string };

const utf8 = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

async function* contentOf(folder: string, names: readonly string[]): AsyncGenerator<ImportEntry, void, undefined> {
  let found: readonly Name[];
  try {
    found = await namesIn(folder);
  } catch (error) {
    yield unreadable(names, error);
    return;
  }
  yield* entriesOf(found, folder, names);
}

async function* entriesOf(
  found: readonly Name[],
  folder: string,
  names: readonly string[],
): AsyncGenerator<ImportEntry, void, undefined> {
  for (const name of found) {
    if ("undecodable" in name) {
      yield { kind: "unreadable", names: [...names, name.undecodable], reason: "UNDECODABLE_NAME" };
      continue;
    }
    const path = join(folder, name.text);
    const entry = await entryAt(path, [...names, name.text]);
    yield entry;
    if (entry.kind === "folder") yield* contentOf(path, entry.names);
  }
}

/** In a stable order, so that a run that goes on after an interruption meets the same entries in the same order. */
async function namesIn(folder: string): Promise<readonly Name[]> {
  const found = await readdir(folder, "buffer");
  return found.map(decode).sort((a, b) => (shown(a) < shown(b) ? -1 : 1));
}

function decode(name: Uint8Array): Name {
  try {
    return { text: utf8.decode(name) };
  } catch {
    return { undecodable: new TextDecoder().decode(name) };
  }
}

function shown(name: Name): string {
  return "text" in name ? name.text : name.undecodable;
}

async function entryAt(path: string, names: readonly string[]): Promise<ImportEntry> {
  try {
    const stats = await lstat(path);
    if (stats.isDirectory()) return { kind: "folder", names };
    if (stats.isFile()) return { kind: "file", names, size: stats.size, open: () => createReadStream(path) };
    return { kind: "other", names, what: stats.isSymbolicLink() ? "symbolic link" : "special file" };
  } catch (error) {
    return unreadable(names, error);
  }
}

function unreadable(names: readonly string[], error: unknown): ImportEntry {
  const isGone = error instanceof Error && "code" in error && error.code === "ENOENT";
  return { kind: "unreadable", names, reason: isGone ? "VANISHED" : "UNREADABLE", error };
}
