import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { expect, test } from "vitest";
import { runInPackage } from "./support/readme-program.ts";

// The example of the README runs as it stands there, from the first line to the last: whoever pastes it has no more than the page.

const top = join(import.meta.dirname, "..");

test("the example of the README does what it says", async () => {
  const readme = await readFile(join(top, "README.md"), "utf8");
  const example = /```ts\n([^]*?)```/.exec(readme)?.[1];
  if (example === undefined) throw new Error("the README has no example");
  const around = "const printed = []; const console = { log: (...words) => printed.push(words) };";
  const { code } = await transform(`${around}${example}export { printed };`, { loader: "ts", format: "esm" });
  // A folder of its own, so that `./alice` is its own.
  const make = (dir: string) => code.replace('dir: "./alice"', `dir: ${JSON.stringify(join(dir, "alice"))}`);
  await runInPackage(top, make, ({ printed }) => {
    if (!Array.isArray(printed)) throw new Error("nothing was printed");
    expect(printed).toContainEqual(["report.pdf", 11]);
    expect(printed.at(-2)).toEqual([11, 11]);
  });
});
