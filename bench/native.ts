import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Where node_modules/ is: files there are imported by Node itself. */
const folder = new URL("../node_modules/.cache/bench/", import.meta.url);

/** Bundles a file of this folder with our sources, and imports the bundle without vitest's module runner. */
export async function importNatively<Module>(file: string): Promise<Module> {
  const outfile = new URL(file.replace(/\.ts$/, ".mjs"), folder);
  await build({
    entryPoints: [fileURLToPath(new URL(file, import.meta.url))],
    outfile: fileURLToPath(outfile),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "es2022",
    conditions: ["@parsec/source"],
    external: ["libsodium-wrappers-sumo", "sodium-native"],
    logLevel: "error",
  });
  return (await import(/* @vite-ignore */ outfile.href)) as Module;
}
