import { newPasswordAlgorithm, passwordToKeyDerivation, passwordToSecretKey } from "@parsec/crypto";
import { expect, test } from "vitest";
import { onEveryBackend } from "../support/backends.ts";

onEveryBackend(() => {
  const quick = () => ({ ...newPasswordAlgorithm(), memlimitKb: 64, opslimit: 1 });

  test("the password's own bytes are left to the caller", async () => {
    const password = Uint8Array.of(1, 2, 3);
    const algorithm = quick();
    const key = await passwordToSecretKey(password, algorithm);
    expect(password).toEqual(Uint8Array.of(1, 2, 3));
    expect(algorithm.salt).toHaveLength(16);
    expect((await passwordToKeyDerivation(password, algorithm)).toBytes()).toEqual(key.toBytes());
  });

  test("an abort beforehand computes nothing", async () => {
    const reason = new Error("changed my mind");
    await expect(passwordToSecretKey("p", quick(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("an abort on the way rejects at once with its reason", async () => {
    const reason = new Error("changed my mind");
    const abort = new AbortController();
    // A minute of work: only the abort can end this in time.
    const derivation = passwordToSecretKey("p", { ...newPasswordAlgorithm(), opslimit: 60 }, { signal: abort.signal });
    setTimeout(() => abort.abort(reason), 60);
    const start = performance.now();
    await expect(derivation).rejects.toBe(reason);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test("several passwords at once give each its own key", async () => {
    const algorithm = quick();
    const inOrder = ["a", "b", "c", "a"];
    const keys = await Promise.all(inOrder.map((password) => passwordToSecretKey(password, algorithm)));
    expect(keys.map((key) => keys.findIndex((other) => other.equals(key)))).toEqual([0, 1, 2, 0]);
  });
});
