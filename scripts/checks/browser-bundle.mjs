// Bundles the client for browsers from what was built. Fails on anything that only Node has, on libsodium in what a page
// loads at once, and above the size limit.
import { existsSync, readdirSync } from "node:fs";
import { builtinModules } from "node:module";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { top } from "../house.mjs";

const sizeLimit = 100_000;
const nodePackages = ["better-sqlite3", "sodium-native", "undici", "@napi-rs/keyring", "graphene-pk11", "pkcs11js"];
const nodeOnly = new RegExp(`^(?:node:.*|(?:${[...builtinModules, ...nodePackages].join("|")})(?:/.*)?)$`);

/** @typedef {import("esbuild").Metafile["outputs"]} Outputs */

/** @type {import("esbuild").Plugin} */
const refuseNode = {
  name: "refuse-node",
  setup(hooks) {
    hooks.onResolve({ filter: nodeOnly }, ({ path, importer }) => {
      // libsodium asks for Node's module only where it finds itself in Node.
      if (importer.includes("node_modules/libsodium")) return { path, external: true };
      return { errors: [{ text: `"${path}" exists in Node only; imported by ${importer}` }] };
    });
  },
};

/** @param {import("esbuild").BuildOptions} input */
function bundle(input) {
  return build({
    ...input,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    write: false,
    metafile: true,
    outdir: join(top, "bundle"),
    absWorkingDir: top,
    logLevel: "silent",
    plugins: [refuseNode],
  });
}

/** Files of the built packages that a page starts as workers, next to the bundle. */
function workers() {
  return readdirSync(join(top, "packages"))
    .map((name) => join(top, "packages", name, "dist", "web"))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .filter((path) => path.endsWith("worker.js"));
}

/** @param {Outputs[string] | undefined} output */
function holdsLibsodium(output) {
  return Object.keys(output?.inputs ?? {}).some((path) => path.includes("node_modules/libsodium"));
}

/**
 * The files that a page loads with the first one, without any `import()`.
 *
 * @param {Outputs} outputs
 * @param {string} path
 * @returns {string[]}
 */
function loadedAtOnce(outputs, path) {
  const imports = outputs[path]?.imports.filter(({ kind }) => kind === "import-statement") ?? [];
  return [path, ...imports.flatMap((next) => loadedAtOnce(outputs, next.path))];
}

/**
 * Gzipped bytes of the client's chunks, libsodium's apart: what a page loads first, and what it loads when it is used.
 *
 * @returns {Promise<{ first: number, later: number }>}
 */
async function measureClient() {
  const { metafile, outputFiles } = await bundle({
    stdin: { contents: 'export * from "@parsec/client";', resolveDir: top },
  });
  const { outputs } = metafile;
  const [entry] = Object.keys(outputs).filter((path) => outputs[path]?.entryPoint === "<stdin>");
  const atOnce = new Set(entry === undefined ? [] : loadedAtOnce(outputs, entry));
  if (atOnce.size === 0) throw new Error("no chunk is the client's own");
  if ([...atOnce].some((path) => holdsLibsodium(outputs[path]))) {
    throw new Error("libsodium is imported statically; it must be loaded by ready()");
  }
  const sizes = { first: 0, later: 0 };
  for (const file of outputFiles) {
    const path = relative(top, file.path);
    if (!holdsLibsodium(outputs[path])) sizes[atOnce.has(path) ? "first" : "later"] += gzipSync(file.contents).length;
  }
  return sizes;
}

/** @param {number} bytes */
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

try {
  await bundle({ entryPoints: workers() });
  const { first, later } = await measureClient();
  console.log(
    `@parsec/client for browsers, gzipped, without libsodium: ${kilobytes(first)} at once, ${kilobytes(later)} on first use`,
  );
  if (first > sizeLimit) throw new Error(`what loads at once is over the limit of ${kilobytes(sizeLimit)}`);
} catch (error) {
  console.error(`The bundle for browsers is refused: ${String(error)}`);
  process.exitCode = 1;
}
