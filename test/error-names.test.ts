import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { ParsecError } from "@parsec/base";
import { build, type Plugin } from "esbuild";
import { describe, expect, it } from "vitest";

const packages = [
  "base",
  "crypto",
  "types",
  "protocol",
  "connection",
  "device",
  "storage",
  "account",
  "client",
  "server",
  "cli",
];

/** Stands for any argument: has every property, can be called, iterated, and made a text. */
const anything: unknown = new Proxy(() => undefined, {
  get: (_target, key) => {
    if (key === Symbol.toPrimitive) return () => "anything";
    if (key === Symbol.iterator) return () => [][Symbol.iterator]();
    return anything;
  },
  apply: () => anything,
});

type ErrorClass = new (...args: readonly unknown[]) => Error;

function isErrorClass(value: unknown): value is ErrorClass {
  return typeof value === "function" && (value === ParsecError || value.prototype instanceof Error);
}

/** Leaves out what is not ours, but for what is in Node: no error class stands on it. */
const withoutOthers: Plugin = {
  name: "without-others",
  setup(hooks) {
    hooks.onResolve({ filter: /^[^.#/]/ }, ({ path }) => {
      if (path.startsWith("@parsec/") || isBuiltin(path)) return undefined;
      return { path, namespace: "other" };
    });
    hooks.onLoad({ filter: /.*/, namespace: "other" }, () => ({
      contents:
        "const other = new Proxy(function () {}, { get: (f, key) => (key in f ? f[key] : other) }); module.exports = other;",
    }));
  },
};

/** All public classes of errors, as a minified bundle has them: by their real names. */
async function minifiedErrors(): Promise<ReadonlyMap<string, ErrorClass>> {
  const entry = packages.map((name) => `export * as ${name} from "@parsec/${name}";`).join("\n");
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "node",
    conditions: ["@parsec/source"],
    plugins: [withoutOthers],
  });
  const code = outputFiles[0]?.text ?? "";
  const exported = (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as Record<string, object>;
  const classes = Object.values(exported).flatMap((namespace) => Object.entries(namespace));
  return new Map(classes.filter((entry): entry is [string, ErrorClass] => isErrorClass(entry[1])));
}

function sources(): readonly string[] {
  return packages.flatMap((name) => {
    const folder = join(import.meta.dirname, "..", "packages", name, "src");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    return files.filter((file) => file.endsWith(".ts")).map((file) => join(folder, file));
  });
}

describe("the name of an error", () => {
  it("is that of its class in a minified bundle", async () => {
    const errors = await minifiedErrors();
    expect(errors.size).toBeGreaterThan(60);
    for (const [name, Class] of errors) expect(new Class(anything, anything, anything).name).toBe(name);
    expect([...errors].filter(([name, Class]) => Class.name === name)).toEqual([]);
  });

  it("is written in each class, also in those that no package exports", () => {
    const missing: string[] = [];
    for (const file of sources()) {
      const text = readFileSync(file, "utf8");
      for (const [, name = ""] of text.matchAll(/class (\w+)(?:<[^{]*?>)?\s+extends\s+\w+Error\b/g)) {
        if (!text.includes(`override readonly name: string = "${name}";`)) missing.push(name);
      }
    }
    expect(missing).toEqual([]);
  });
});
