import { performance } from "node:perf_hooks";
import { newPasswordAlgorithm, passwordToSecretKey } from "@parsec/crypto";
import { expect, test } from "vitest";
import { onEveryBackend } from "../support/backends.ts";

onEveryBackend(() => {
  test("the event loop is idle while a password is derived", async () => {
    const algorithm = newPasswordAlgorithm();
    const before = performance.eventLoopUtilization();
    await passwordToSecretKey("correct horse battery staple", algorithm);
    const { utilization } = performance.eventLoopUtilization(before);
    expect(utilization).toBeLessThan(0.5);
  });
});
