import { type DiagnosticEvent, equalBytes, randomBytes } from "@parsec/base";
import {
  newPasswordAlgorithm,
  openBlock,
  passwordToSecretKey,
  ready,
  SecretKey,
  sealBlock,
  webWorker,
} from "@parsec/crypto";
import { expect, test } from "vitest";

test.each([
  ["that is not there", "/nowhere/worker.js"],
  ["that is a page, as servers of single-page applications answer", "/index.html"],
])("a worker file %s: the work is done on this thread, and the diagnostics say why", async (_name, path) => {
  const told: DiagnosticEvent[] = [];
  await ready({
    createWorker: () => webWorker(new Worker(new URL(path, location.href), { type: "module" })),
    diagnostics: (event) => told.push(event),
  });
  const key = SecretKey.generate();
  const data = randomBytes(100_000);
  expect(equalBytes(await openBlock(key, await sealBlock(key, data)), data)).toBe(true);
  const algorithm = { ...newPasswordAlgorithm(), memlimitKb: 64, opslimit: 1 };
  expect((await passwordToSecretKey("p", algorithm)).toBytes()).toHaveLength(32);
  expect(told).toMatchObject([
    {
      area: "crypto",
      event: "worker_failed",
      fields: { message: expect.stringContaining("bundler did not emit its file") },
    },
  ]);
});
