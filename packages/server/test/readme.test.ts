import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { transform } from "esbuild";
import { expect, test } from "vitest";
import { runInPackage } from "../../../test/support/readme-program.ts";
import { JsonFields } from "../src/http/json-fields.ts";
import { readRule } from "../src/testbed/hostile/rule-request.ts";

const readme = await readFile(join(import.meta.dirname, "../README.md"), "utf8");

test("the example runs", async () => {
  const [, example = ""] = /```ts\n([^]*?)```/.exec(readme) ?? [];
  const around = "const printed = []; const console = { log: (...words) => printed.push(words) };";
  const { code } = await transform(`${around}${example}export { printed };`, { loader: "ts", format: "esm" });
  await runInPackage(
    join(import.meta.dirname, ".."),
    () => code,
    ({ printed }) => {
      expect(printed).toEqual([[expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/)], [true]]);
    },
  );
});

test("every hostile kind of the table is known", () => {
  const table = readme.slice(readme.indexOf("| kind |"), readme.indexOf("## Check another server"));
  const kinds = table.split("\n").flatMap((row) => (row.split("|")[1] ?? "").match(/`([a-z]+_[a-z_]+|delay)`/g) ?? []);
  const others = { operations: [], from: "x", delay_ms: 0, status: 500 };
  const named = kinds.map((kind) => kind.replaceAll("`", "")).filter((kind) => !(kind in others));
  expect(named).toHaveLength(16);
  for (const kind of named) expect(readRule(new JsonFields({ kind, ...others })).kind).toBe(kind);
});
