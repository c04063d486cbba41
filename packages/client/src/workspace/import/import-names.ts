import { ParsecError } from "@parsec/base";
import { EntryName, FsPath } from "@parsec/types";
import type { ImportEntry } from "./entry.ts";

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

/** The names met so far, to find two that become one. */
export class ImportNames {
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
