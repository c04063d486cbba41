import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

/**
 * The program of that name in this folder as plain JavaScript. It lies inside the package, so that native modules are
 * found.
 */
export async function bundleProgram(name: string): Promise<string> {
  const folder = join(import.meta.dirname, "../../node_modules/.cache/test");
  await mkdir(folder, { recursive: true });
  const outfile = join(folder, `${name}-${process.pid}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@parsec/source"],
    external: ["@napi-rs/keyring", "graphene-pk11", "sodium-native"],
    // A CommonJS dependency inside an ES module finds Node's own modules by this.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "error",
  });
  return outfile;
}
