import { breathe, throwIfAborted } from "@parsec/base";
import { type EntryName, FsPath, type LocalFolderManifest, PreventSyncPattern, type VlobId } from "@parsec/types";
import type { WorkspaceContext } from "../context.ts";
import { WorkspaceError } from "../errors.ts";
import { isFolder, type LocalManifest } from "../manifests.ts";
import { isValidChild, resolve } from "../tree/resolve.ts";

export interface FindOptions {
  /** The folder to look in, with all below it; the root by default. */
  readonly in?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An entry whose name is like that. */
export interface FoundEntry {
  readonly path: FsPath;
  readonly name: EntryName;
  readonly id: VlobId;
  /** `unknown`: this device has no more of it than its name. */
  readonly kind: "file" | "folder" | "unknown";
}

/**
 * The entries whose names match, folder by folder, by ascending name. A text with `*`, `?` or `[` is a glob, that has to
 * match the whole name (as in patterns of what stays on this device); any other is looked for in the names, whatever
 * its case. No network: what this device has never listed is not looked into.
 * @throws WorkspaceError ENTRY_NOT_FOUND, ENTRY_IS_FILE for the folder to look in; BadGlobError
 */
export async function* find(
  context: WorkspaceContext,
  query: string,
  options: FindOptions = {},
): AsyncGenerator<FoundEntry, void, undefined> {
  const matches = matcherOf(query);
  const top = FsPath.parse(options.in ?? "/");
  const { manifest } = await resolve(context, { find: (id) => context.manifests.getReadable(id) }, top);
  if (!isFolder(manifest)) throw new WorkspaceError("ENTRY_IS_FILE", `${top} is a file: it holds no entries`);
  const seen = new Set<VlobId>();
  const left: { readonly path: FsPath; readonly folder: LocalFolderManifest }[] = [{ path: top, folder: manifest }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { path, folder } = next;
    seen.add(folder.base.id);
    const below: typeof left = [];
    for (const [name, id] of [...folder.children].sort(([a], [b]) => (a < b ? -1 : 1))) {
      await breathe();
      throwIfAborted(options.signal);
      throwIfAborted(context.closed);
      const child = await context.manifests.getReadable(id);
      if (child !== undefined && !isValidChild(context, folder, child)) continue;
      const childPath = FsPath.join(path, name);
      if (matches(name)) yield { path: childPath, name, id, kind: kindOf(child) };
      if (child !== undefined && isFolder(child) && !seen.has(id)) below.push({ path: childPath, folder: child });
    }
    for (const folder of below.reverse()) left.push(folder);
  }
}

function kindOf(child: LocalManifest | undefined): FoundEntry["kind"] {
  if (child === undefined) return "unknown";
  return isFolder(child) ? "folder" : "file";
}

function matcherOf(query: string): (name: EntryName) => boolean {
  if (/[*?[]/.test(query)) {
    const pattern = PreventSyncPattern.fromGlobs([query]);
    return (name) => pattern.matches(name);
  }
  const text = query.normalize("NFC").toLowerCase();
  return (name) => name.toLowerCase().includes(text);
}
