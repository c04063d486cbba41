import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { expect, test } from "vitest";
import { runInPackage } from "./support/readme-program.ts";

// The ten lines of the README run as they stand there. Only what the page leaves to the reader is put around them: the
// stream to store and its options.

const top = join(import.meta.dirname, "..");

test("the example of the README does what it says", async () => {
  const readme = await readFile(join(top, "README.md"), "utf8");
  const example = /```ts\n([^]*?)```/.exec(readme)?.[1];
  if (example === undefined) throw new Error("the README has no example");
  const around = `
    const stream = new Blob(["the content of the report"]).stream();
    const onProgress = () => undefined;
    const { signal } = new AbortController();
    const printed = [];
    const console = { log: (...words) => printed.push(words) };
  `;
  const after = `
    await again.close();
    await parsec.close();
    await server.close();
    export { printed };
  `;
  const { code } = await transform(`${around}${example}${after}`, { loader: "ts", format: "esm" });
  // A folder of its own, so that `./alice` is its own.
  const make = (dir: string) => code.replace('dir: "./alice"', `dir: ${JSON.stringify(join(dir, "alice"))}`);
  await runInPackage(top, make, ({ printed }) => {
    expect(printed).toEqual([["report.pdf", 25]]);
  });
});
