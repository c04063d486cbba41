import type { Workspace } from "@parsec/client";
import { FsPath } from "@parsec/types";
import { readText } from "./two-devices.ts";

/** Everything that the paths of a workspace show: files with their content, folders with `/` at the end of their path. */
export async function treeOf(workspace: Workspace): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  const left: FsPath[] = [FsPath.root];
  for (let folder = left.pop(); folder !== undefined; folder = left.pop()) {
    for await (const { kind, name } of workspace.list(folder)) {
      const path = FsPath.join(folder, name);
      if (kind === "folder") {
        tree[`${path}/`] = "";
        left.push(path);
      } else {
        tree[path] = kind === "damaged" ? kind : await readText(workspace, path);
      }
    }
  }
  return Object.fromEntries(Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Synchronizes in turn until both have nothing more to say, and gives what both show. */
export async function settled(...workspaces: readonly Workspace[]): Promise<readonly Record<string, string>[]> {
  for (let round = 0; round < 4; round += 1) for (const workspace of workspaces) await workspace.sync();
  return Promise.all(workspaces.map(treeOf));
}
