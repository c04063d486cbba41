import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { expect, test } from "vitest";

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
  // Beside this file, so that the packages resolve; its own folder, so that `./alice` is its own.
  const dir = await mkdtemp(join(import.meta.dirname, "readme-"));
  try {
    const program = join(dir, "example.mjs");
    await writeFile(program, code.replace('dir: "./alice"', `dir: ${JSON.stringify(join(dir, "alice"))}`));
    const { printed } = (await import(/* @vite-ignore */ program)) as { readonly printed: unknown };
    expect(printed).toEqual([["report.pdf", 25]]);
  } finally {
    await rm(dir, { recursive: true });
  }
});
