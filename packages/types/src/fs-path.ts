import { ParsecError, requireText } from "@parsec/base";
import type { Brand } from "./brand.ts";
import { EntryName, type EntryNameError } from "./entry-name.ts";

/** The path does not begin with `/`. A bad name in it gives {@link EntryNameError}. */
export class FsPathError extends ParsecError<"NOT_ABSOLUTE"> {
  override readonly name: string = "FsPathError";
  constructor() {
    super("NOT_ABSOLUTE", "A path begins with '/'");
  }
}

/** What {@link FsPath.parse} throws. */
export type FsPathParseError = FsPathError | EntryNameError;

/** Place of an entry in a workspace, in normal form (spec 03 §3): `/`, or `/` and names joined by `/`. */
export type FsPath = Brand<string, "FsPath">;

const root = "/" as FsPath;

/** Paths of a workspace: always absolute, without escapes. */
export const FsPath = {
  root,

  /**
   * Drops empty and `.` parts; `..` drops the part before it, if any.
   * @throws FsPathParseError also when a later `..` drops the bad name
   * @throws InvalidArgumentError with that name of the argument, when it is no text
   */
  parse(text: string, argument = "path"): FsPath {
    requireText(argument, text);
    if (!text.startsWith("/")) throw new FsPathError();
    const names: EntryName[] = [];
    for (const part of text.split("/")) {
      if (part === "..") names.pop();
      else if (part !== "" && part !== ".") names.push(EntryName.parse(part));
    }
    return FsPath.of(names);
  },

  of(names: readonly EntryName[]): FsPath {
    return `/${names.join("/")}` as FsPath;
  },

  names(path: FsPath): readonly EntryName[] {
    return path === root ? [] : (path.slice(1).split("/") as EntryName[]);
  },

  /** The last name; `undefined` for the root. */
  name(path: FsPath): EntryName | undefined {
    return FsPath.names(path).at(-1);
  },

  /** The root is its own parent. */
  parent(path: FsPath): FsPath {
    return FsPath.of(FsPath.names(path).slice(0, -1));
  },

  join(path: FsPath, name: EntryName): FsPath {
    return (path === root ? `/${name}` : `${path}/${name}`) as FsPath;
  },

  isRoot(path: FsPath): boolean {
    return path === root;
  },
} as const;
