import { equalBytes, randomBytes } from "@parsec/base";
import { newPasswordAlgorithm, openBlock, passwordToSecretKey, ready, SecretKey, sealBlock } from "@parsec/crypto";
import { expect, test } from "vitest";
import { answering, dyingWorker } from "./support.ts";

// One test, in this order: after the first failure of a worker blocks stay on this thread.
test("without working workers blocks are done on this thread, passwords are not", async () => {
  await ready({ backend: "wasm", createWorker: dyingWorker });
  const key = SecretKey.generate();
  const data = randomBytes(100_000);
  const sealed = await Promise.all([sealBlock(key, data), sealBlock(key, data)]);
  for (const block of sealed) expect(equalBytes(await openBlock(key, block), data)).toBe(true);
  const altered = sealed[0].slice();
  altered[50] = (altered[50] ?? 0) ^ 1;
  await expect(openBlock(key, altered)).rejects.toMatchObject({ code: "DECRYPTION" });

  const algorithm = { ...newPasswordAlgorithm(), memlimitKb: 8, opslimit: 1 };
  await expect(passwordToSecretKey("p", algorithm)).rejects.toMatchObject({ code: "CRYPTO_WORKER" });
  await ready({
    createWorker: () => {
      throw new Error("no workers in this place");
    },
  });
  await expect(passwordToSecretKey("p", algorithm)).rejects.toMatchObject({ code: "CRYPTO_WORKER" });
  await ready({ createWorker: () => answering({ status: "refused" }) });
  await expect(passwordToSecretKey("p", algorithm)).rejects.toMatchObject({ code: "DATA_SIZE" });
});
