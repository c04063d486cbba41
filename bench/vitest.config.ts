import { defineConfig } from "vitest/config";
import tests from "../vitest.config.ts";

/** The projects of the tests, on the files of this folder: `*.node`, `*.browser` or `*.both` before `.bench.ts`. */
const include = { node: ["node", "both"], chromium: ["browser", "both"] };

const projects = (tests.test?.projects ?? []).flatMap((project) => {
  if (typeof project !== "object" || !("test" in project)) return [];
  const name = project.test?.name;
  if (name !== "node" && name !== "chromium") return [];
  const files = include[name].map((kind) => `bench/**/*.${kind}.bench.ts`);
  // One file at a time: two measures side by side would measure each other.
  return [{ ...project, test: { ...project.test, include: files, fileParallelism: false, testTimeout: 120_000 } }];
});

export default defineConfig({ test: { projects } });
