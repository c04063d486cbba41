// Bundles the client for browsers from what was built. Fails on anything that only Node has, and above the size limit.
import { builtinModules } from "node:module";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { top } from "../house.mjs";

const limit = 100_000;
const nodePackages = ["better-sqlite3", "sodium-native", "undici", "@napi-rs/keyring", "graphene-pk11", "pkcs11js"];
const nodeOnly = new RegExp(`^(?:node:.*|(?:${[...builtinModules, ...nodePackages].join("|")})(?:/.*)?)$`);

/** @type {import("esbuild").Plugin} */
const refuseNode = {
  name: "refuse-node",
  setup(hooks) {
    hooks.onResolve({ filter: nodeOnly }, ({ path, importer }) => ({
      errors: [{ text: `"${path}" exists in Node only; imported by ${importer}` }],
    }));
  },
};

/**
 * @param {string[]} external
 * @returns {Promise<number>} bytes of the bundle, gzipped
 */
async function bundle(external) {
  const result = await build({
    stdin: { contents: 'export * from "@parsec/client";', resolveDir: top },
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    write: false,
    logLevel: "silent",
    external,
    plugins: [refuseNode],
  });
  return result.outputFiles.reduce((sum, file) => sum + gzipSync(file.contents).length, 0);
}

try {
  await bundle([]);
  // libsodium is wasm with its loader; the limit is for our own code and small dependencies.
  const size = await bundle(["libsodium-wrappers-sumo"]);
  console.log(`@parsec/client for browsers: ${(size / 1000).toFixed(1)} kB gzipped, without libsodium`);
  if (size > limit) throw new Error(`it is over the limit of ${limit / 1000} kB`);
} catch (error) {
  console.error(`@parsec/client does not bundle for browsers: ${String(error)}`);
  process.exitCode = 1;
}
