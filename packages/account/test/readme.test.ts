import { readFile } from "node:fs/promises";
import { SecretKey } from "@parsec/crypto";
import { expect, test } from "vitest";
import { key, methods, protection } from "./readme-example.ts";

test("the README's example is the one that runs here", async () => {
  const [readme, example] = await Promise.all(
    ["../README.md", "./readme-example.ts"].map((path) => readFile(new URL(path, import.meta.url), "utf8")),
  );
  const shown = /```ts\n([\s\S]*?)```/.exec(readme ?? "")?.[1];
  expect(example?.replaceAll("export ", "")).toBe(shown);
  expect(key).toBeInstanceOf(SecretKey);
  expect(protection).toMatchObject({ type: "account_vault", offlineLogin: false });
  expect(methods).toMatchObject([{ usesPassword: true }]);
});
