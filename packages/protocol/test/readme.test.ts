import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { pong, reply, request } from "./readme-example.ts";

test("the README's example is the one that runs here", async () => {
  const [readme, example] = await Promise.all(
    ["../README.md", "./readme-example.ts"].map((path) => readFile(new URL(path, import.meta.url), "utf8")),
  );
  const shown = /```ts\n([\s\S]*?)```/.exec(readme ?? "")?.[1];
  expect(example?.replaceAll("export ", "")).toBe(shown);
  expect(request).toEqual({ cmd: "ping", ping: "hello" });
  expect(reply).toEqual({ status: "ok", pong: "hello" });
  expect(pong).toBe("hello");
});
