import { expect, test } from "vitest";
import { catalog } from "../src/catalog/catalog.ts";
import { commandReference } from "./reference.ts";

// `vitest -u` writes the file anew.
test("docs/cli.md says what --help says", async () => {
  await expect(commandReference()).toMatchFileSnapshot("../../../docs/cli.md");
});

test("every command has code behind it, and nothing of it is loaded before it runs", async () => {
  for (const { name, load } of catalog) expect(await load(), name).toBeTypeOf("function");
  expect(new Set(catalog.map(({ name }) => name)).size).toBe(catalog.length);
});
