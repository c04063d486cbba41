import { existsSync, readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { defineConfig, type Options } from "tsup";

const packages = readdirSync("packages").filter((name) => existsSync(`packages/${name}/src/index.ts`));
const examples = readdirSync("examples").filter((name) => existsSync(`examples/${name}/main.ts`));

const shared: Options = {
  format: "esm",
  target: "es2022",
  platform: "neutral",
  // Every import that is not relative stays one, `#platform` and `node:` included.
  skipNodeModulesBundle: true,
  removeNodeProtocol: false,
  silent: true,
};

/** Files of a package that are loaded by path, each with its place below `dist`. */
function entries(name: string): Record<string, string> {
  const src = `packages/${name}/src`;
  const platforms = ["node", "web"].filter((platform) => existsSync(`${src}/${platform}`));
  const found = [
    "index.ts",
    "bin.ts",
    ...platforms.flatMap((platform) => readdirSync(join(src, platform)).map((file) => `${platform}/${file}`)),
  ].filter(
    (path) => /^(index|bin|(node|web)\/(platform|(.*-)?worker))\.[jt]s$/.test(path) && existsSync(`${src}/${path}`),
  );
  return Object.fromEntries(found.map((path) => [withoutExtension(path), `${src}/${path}`]));
}

function withoutExtension(path: string): string {
  return join(path, "..", basename(path, extname(path)));
}

const javascript: Options[] = [
  ...packages.map((name) => ({ outDir: `packages/${name}/dist`, entry: entries(name), sourcemap: true })),
  ...examples.map((name) => ({ outDir: `examples/${name}/dist`, entry: { main: `examples/${name}/main.ts` } })),
].map((config) => ({ ...shared, ...config }));

// One configuration for all declarations: eleven would type-check the house eleven times.
const declarations: Options = {
  ...shared,
  outDir: "packages",
  entry: Object.fromEntries(packages.map((name) => [`${name}/dist/index`, `packages/${name}/src/index.ts`])),
  dts: { only: true },
};

/** `tsup` builds everything; `tsup --no-dts` leaves the declarations out, for those who only want to run it. */
export default defineConfig((flags) => (flags.dts === false ? javascript : [...javascript, declarations]));
