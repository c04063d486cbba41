import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

type Exports = Readonly<Record<string, unknown>>;

/**
 * Runs a program of JavaScript, and `use` with what it exports. `make` is given its folder, which lies in the `.cache`
 * of the package until `use` has ended: imports resolve there as in the package, and a run that is killed leaves nothing
 * among the sources.
 */
export async function runInPackage<T>(
  packageFolder: string,
  make: (folder: string) => string,
  use: (exported: Exports) => T | Promise<T>,
): Promise<T> {
  const cache = join(packageFolder, ".cache");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "readme-"));
  try {
    const program = join(folder, "example.mjs");
    await writeFile(program, make(folder));
    const exported: Exports = await import(/* @vite-ignore */ program);
    return await use(exported);
  } finally {
    await rm(folder, { recursive: true });
  }
}
