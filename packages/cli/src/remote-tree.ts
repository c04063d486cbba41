import type { ListedEntry, Workspace } from "@parsec/client";
import { CommandError } from "./errors.ts";

/** An entry below a folder, and where it is. */
export interface TreeEntry {
  readonly path: string;
  /** 0 for what is in the folder itself. */
  readonly depth: number;
  readonly entry: ListedEntry;
}

/** All below a folder, a folder before its content, one folder at a time. */
export async function* remoteTree(
  workspace: Workspace,
  path: string,
  signal: AbortSignal,
  depth = 0,
): AsyncGenerator<TreeEntry, void, undefined> {
  for await (const entry of workspace.list(path, { signal })) {
    const below = joinPath(path, entry.name);
    yield { path: below, depth, entry };
    if (entry.kind === "folder") yield* remoteTree(workspace, below, signal, depth + 1);
  }
}

export function joinPath(folder: string, name: string): string {
  return folder.endsWith("/") ? `${folder}${name}` : `${folder}/${name}`;
}

/** Says in the end that some entries could not be read, when all others were. */
export class LeftOut {
  readonly #paths: string[] = [];

  add(path: string): void {
    this.#paths.push(path);
  }

  /** @throws CommandError LEFT_OUT */
  check(): void {
    const { length } = this.#paths;
    if (length > 0)
      throw new CommandError("LEFT_OUT", `${length} left out, ${this.#paths[0]} the first; all else is done`);
  }
}
