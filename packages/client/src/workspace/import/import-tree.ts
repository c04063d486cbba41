import { type OperationOptions, ParsecError, throwIfAborted } from "@parsec/base";
import { EntryName, FsPath } from "@parsec/types";
import { checkFileSize, writeFile } from "../content/write-file.ts";
import type { WorkspaceContext } from "../context.ts";
import { createFolders } from "../tree/create-folder.ts";
import type { ImportEntry, ImportReport, SkippedEntry, SkipReason } from "./entry.ts";

/** Two names of one folder are the same once normalized: a workspace cannot hold both. */
export class EqualNamesError extends ParsecError<"EQUAL_NAMES"> {
  override readonly name: string = "EqualNamesError";
  readonly names: readonly [string, string];

  constructor(folder: string, names: readonly [string, string]) {
    const [first, second] = names.map((name) => JSON.stringify(name));
    super("EQUAL_NAMES", `${first} and ${second} in ${folder} are the same name in Unicode NFC: rename one of them`);
    this.names = names;
  }
}

/**
 * Imports a tree under `target`, durable on this device entry by entry: after an interruption, run it again and it
 * finishes. Files that are there already with the same size and content are passed over, and of changed ones only the
 * blocks that differ are stored. What a workspace cannot hold, or the prevent-sync pattern matches, is left out and
 * reported.
 * @throws EqualNamesError, and what `createFolders`, `writeFile` and the tree itself throw
 */
export async function importTree(
  context: WorkspaceContext,
  entries: AsyncIterable<ImportEntry> | Iterable<ImportEntry>,
  target: FsPath,
  options: OperationOptions = {},
): Promise<ImportReport> {
  const names = new NameTable();
  const imported: string[] = [];
  const unchanged: string[] = [];
  const skipped: SkippedEntry[] = [];
  let folders = 0;
  let bytes = 0;
  await createFolders(context, target, options);
  for await (const entry of entries) {
    throwIfAborted(options.signal);
    const path = names.pathOf(entry, target);
    const reason = path === undefined ? "INVALID_NAME" : skipReason(context, entry, path);
    if (path === undefined || reason !== undefined || entry.kind === "other") {
      skipped.push({ path: entry.names.join("/"), reason: reason ?? "SYMBOLIC_LINK_OR_SPECIAL_FILE" });
      continue;
    }
    if (entry.kind === "folder") {
      await createFolders(context, path, options);
      folders += 1;
      continue;
    }
    checkFileSize(path, entry.size);
    const before = bytes;
    const result = await writeFile(context, path, entry.open(), {
      signal: options.signal,
      onProgress: ({ done }) => options.onProgress?.({ done: before + done }),
    });
    bytes += result.size;
    (result.outcome === "unchanged" ? unchanged : imported).push(path);
  }
  return { imported, unchanged, folders, bytes, skipped };
}

function skipReason(context: WorkspaceContext, entry: ImportEntry, path: FsPath): SkipReason | undefined {
  if (entry.kind === "other") return "SYMBOLIC_LINK_OR_SPECIAL_FILE";
  return FsPath.names(path).some((name) => context.pattern.matches(name)) ? "PREVENT_SYNC_PATTERN" : undefined;
}

/** The names met so far, to find two that become one. */
class NameTable {
  readonly #rawNames = new Map<string, string>();

  /** The path in the workspace; `undefined` when a name is not one that a workspace may hold. @throws EqualNamesError */
  pathOf(entry: ImportEntry, target: FsPath): FsPath | undefined {
    let path = target;
    for (const raw of entry.names) {
      const name = parseName(raw);
      if (name === undefined) return undefined;
      const folder = path;
      path = FsPath.join(path, name);
      const known = this.#rawNames.get(path);
      if (known !== undefined && known !== raw) throw new EqualNamesError(folder, [known, raw]);
      this.#rawNames.set(path, raw);
    }
    return path;
  }
}

function parseName(raw: string): EntryName | undefined {
  try {
    return EntryName.parse(raw);
  } catch (error) {
    if (ParsecError.is(error)) return undefined;
    throw error;
  }
}
