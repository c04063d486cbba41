import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { expect, test } from "vitest";
import { newDevice } from "./support/devices.ts";

test("the example of the README runs", { timeout: 30_000 }, async () => {
  const readme = await readFile(join(import.meta.dirname, "../README.md"), "utf8");
  const [, example = ""] = /```ts\n([^]*?)```/.exec(readme) ?? [];
  const folder = await mkdtemp(join(import.meta.dirname, "readme-"));
  try {
    const [imports = "", body = ""] = splitAfterImports(example);
    const source = `${imports}\nexport async function run(device) {\n${body}\nreturn unlocked;\n}`;
    const { code } = await transform(source, { loader: "ts", format: "esm" });
    const program = join(folder, "example.mjs");
    await writeFile(program, code.replace('"./config"', JSON.stringify(join(folder, "config"))));
    const { run } = await import(/* @vite-ignore */ program);
    const device = newDevice();
    expect(await run(device)).toMatchObject({ deviceId: device.deviceId });
  } finally {
    await rm(folder, { recursive: true });
  }
});

function splitAfterImports(example: string): readonly string[] {
  const at = example.lastIndexOf("import ");
  const end = example.indexOf("\n", at);
  return [example.slice(0, end), example.slice(end)];
}
