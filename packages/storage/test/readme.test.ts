import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { expect, test } from "vitest";

test("the example of the README runs", async () => {
  const readme = await readFile(join(import.meta.dirname, "../README.md"), "utf8");
  const [, example = ""] = /```ts\n([^]*?)```/.exec(readme) ?? [];
  const { code } = await transform(`${example}\nexport { waiting, file };`, { loader: "ts", format: "esm" });
  const folder = await mkdtemp(join(import.meta.dirname, "readme-"));
  try {
    const program = join(folder, "example.mjs");
    await writeFile(program, code);
    const { waiting, file } = await import(/* @vite-ignore */ program);
    expect(waiting).toEqual([file.base.id]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
