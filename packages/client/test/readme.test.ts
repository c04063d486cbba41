import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { expect, test } from "vitest";

test("the example of the README does what it says", async () => {
  const readme = await readFile(join(import.meta.dirname, "../README.md"), "utf8");
  const example = /```ts\n([^]*?)```/.exec(readme)?.[1];
  if (example === undefined) throw new Error("the README has no example");
  const around = "const printed = []; const console = { log: (...words) => printed.push(words) };";
  const after = "await parsec.close(); await server.close(); export { printed };";
  const { code } = await transform(`${around}${example}${after}`, { loader: "ts", format: "esm" });
  // Beside this file, so that the packages resolve.
  const dir = await mkdtemp(join(import.meta.dirname, "readme-"));
  try {
    const program = join(dir, "example.mjs");
    await writeFile(program, code.replace('dir: "./alice"', `dir: ${JSON.stringify(join(dir, "alice"))}`));
    const { printed } = (await import(/* @vite-ignore */ program)) as { readonly printed: unknown };
    expect(printed).toEqual([[true, "Alice"]]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
