import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { defineConfig, type Options } from "tsup";

const packages = readdirSync("packages").filter((name) => existsSync(`packages/${name}/package.json`));
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

/** A package after all those that it depends on. */
function afterDependencies(name: string): string[] {
  const { dependencies = {} } = JSON.parse(readFileSync(`packages/${name}/package.json`, "utf8"));
  const inside = Object.keys(dependencies).filter((dependency) => dependency.startsWith("@parsec/"));
  return [...inside.flatMap((dependency) => afterDependencies(dependency.slice("@parsec/".length))), name];
}

// One configuration for all declarations: eleven would be three times slower. A package comes after its dependencies, since
// the declaration builder emits nothing for a source that it first met through another package's import.
const declarations: Options = {
  ...shared,
  outDir: "packages",
  entry: Object.fromEntries(
    packages.flatMap(afterDependencies).map((name) => [`${name}/dist/index`, `packages/${name}/src/index.ts`]),
  ),
  dts: {
    only: true,
    compilerOptions: {
      // The type-check is another step.
      noCheck: true,
      // tsup's default is the top, from which inferred types would name other packages by path and be copied.
      baseUrl: "scripts",
    },
  },
};

/** `tsup` builds everything; `tsup --no-dts` leaves the declarations out, for those who only want to run it. */
export default defineConfig((flags) => (flags.dts === false ? javascript : [...javascript, declarations]));
