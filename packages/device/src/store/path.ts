import { utf8 } from "@parsec/base";

/** The text after the last dot of the name; a dot at its start does not count. */
export function hasExtension(path: string, extension: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot > 0 && name.slice(dot + 1) === extension;
}

/** Component by component, each in the order of its bytes: `a/b.keys` comes before `a.keys` (spec 06 §9.1). */
export function sortPaths(paths: readonly string[]): string[] {
  const keyed = paths.map((path) => ({ path, components: path.split("/").map(utf8) }));
  keyed.sort((a, b) => compareComponents(a.components, b.components));
  return keyed.map(({ path }) => path);
}

function compareComponents(a: readonly Uint8Array[], b: readonly Uint8Array[]): number {
  for (const [index, component] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compareBytes(component, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (const [index, byte] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    if (byte !== other) return byte - other;
  }
  return a.length - b.length;
}
