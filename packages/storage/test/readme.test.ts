import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { expect, test } from "vitest";
import { runInPackage } from "../../../test/support/readme-program.ts";

test("the example of the README runs", async () => {
  const readme = await readFile(join(import.meta.dirname, "../README.md"), "utf8");
  const [, example = ""] = /```ts\n([^]*?)```/.exec(readme) ?? [];
  const { code } = await transform(`${example}\nexport { waiting, file };`, { loader: "ts", format: "esm" });
  await runInPackage(
    join(import.meta.dirname, ".."),
    () => code,
    ({ waiting, file }) => {
      expect(file).toMatchObject({ base: { id: Array.isArray(waiting) && waiting.length === 1 ? waiting[0] : "one" } });
    },
  );
});
