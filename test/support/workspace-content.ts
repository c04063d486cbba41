import { concatBytes } from "@parsec/base";
import type { Workspace } from "@parsec/client";

// What is in a workspace, asked in the same way in Node and in pages.

export async function readAll(workspace: Workspace, path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of await workspace.readFile(path)) parts.push(part);
  return concatBytes(...parts);
}

export async function readText(workspace: Workspace, path: string): Promise<string> {
  return new TextDecoder().decode(await readAll(workspace, path));
}

/** Names of the entries of a folder. */
export async function names(workspace: Workspace, path = "/"): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of workspace.list(path)) found.push(name);
  return found;
}

/** Bytes that differ from place to place, the same at each run. */
export function pattern(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed * 2654435761;
  for (let i = 0; i < size; i += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export async function has(workspace: Workspace, path: string): Promise<boolean> {
  return workspace.stat(path).then(
    () => true,
    () => false,
  );
}
