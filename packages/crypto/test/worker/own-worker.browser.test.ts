import { equalBytes, randomBytes } from "@parsec/base";
import { openBlock, ready, SecretKey, sealBlock, webWorker } from "@parsec/crypto";
import { expect, test } from "vitest";

test("an application starts the worker in its own way", async () => {
  let started = 0;
  await ready({
    createWorker: () => {
      started += 1;
      return webWorker(new Worker(new URL("../../src/web/worker.js", import.meta.url), { type: "module" }));
    },
  });
  const key = SecretKey.generate();
  const data = randomBytes(100_000);
  expect(equalBytes(await openBlock(key, await sealBlock(key, data)), data)).toBe(true);
  expect(started).toBe(1);
});
