import { createHash } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build, type Plugin } from "esbuild";

// Tests start hundreds of processes: each loads one file, and nothing is compiled twice.
const folder = join(import.meta.dirname, "../../.cache/programs");
const bundles = new Map<string, Promise<string>>();

/** A TypeScript program of the tests, with the sources it uses, as one JavaScript file that a plain Node runs. */
export function bundleProgram(source: string): Promise<string> {
  const known = bundles.get(source) ?? bundle(source);
  bundles.set(source, known);
  return known;
}

async function bundle(source: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [source],
    write: false,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["@parsec/source"],
    plugins: [nativeModules],
    // A CommonJS dependency inside an ES module finds Node's own modules by this.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    logLevel: "error",
  });
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  const file = join(folder, `${basename(source, ".ts")}-${createHash("sha256").update(contents).digest("hex")}.mjs`);
  // Other test files bundle the same program at the same time: each sees a whole file.
  const unfinished = `${file}.${process.pid}`;
  await mkdir(folder, { recursive: true });
  await writeFile(unfinished, contents);
  await rename(unfinished, file);
  return file;
}

/** They are loaded from where they are installed: what they load themselves lies beside them. */
const nativeModules: Plugin = {
  name: "native-modules",
  setup: (build) => {
    const isBeingResolved = Symbol();
    build.onResolve(
      { filter: /^(better-sqlite3|sodium-native|@napi-rs\/keyring|graphene-pk11|pg|@aws-sdk\/client-s3)$/ },
      async (args) => {
        if (args.pluginData === isBeingResolved) return undefined;
        const { kind, importer, resolveDir, path } = args;
        const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: isBeingResolved });
        return { path: found.path === "" ? path : found.path, external: true };
      },
    );
  },
};
