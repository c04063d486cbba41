import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { expect, test } from "vitest";
import { runInPackage } from "../../../test/support/readme-program.ts";

test("the example of the README does what it says", async () => {
  const readme = await readFile(join(import.meta.dirname, "../README.md"), "utf8");
  const example = /```ts\n([^]*?)```/.exec(readme)?.[1];
  if (example === undefined) throw new Error("the README has no example");
  const around = "const printed = []; const console = { log: (...words) => printed.push(words) };";
  const { code } = await transform(`${around}${example}export { printed };`, { loader: "ts", format: "esm" });
  const make = (dir: string) => code.replace('dir: "./alice"', `dir: ${JSON.stringify(join(dir, "alice"))}`);
  await runInPackage(join(import.meta.dirname, ".."), make, ({ printed }) => {
    expect(printed).toEqual([[true, "Alice"]]);
  });
});
