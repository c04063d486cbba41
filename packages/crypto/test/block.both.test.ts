import { equalBytes, randomBytes } from "@parsec/base";
import { openBlock, SecretKey, sealBlock } from "@parsec/crypto";
import { expect, test } from "vitest";
import { onEveryBackend } from "./support/backends.ts";

onEveryBackend(() => {
  test.each([0, 1, 16 * 1024 - 1, 16 * 1024, 512 * 1024, 3 * 1024 * 1024])("a block of %i bytes", async (size) => {
    const key = SecretKey.generate();
    const data = randomBytes(size);
    const copy = data.slice();
    const sealed = await sealBlock(key, data);
    expect(sealed.length).toBe(size + 40);
    expect(equalBytes(data, copy)).toBe(true);
    expect(equalBytes(key.decrypt(sealed), data)).toBe(true);
    expect(equalBytes(await openBlock(key, key.encrypt(data)), data)).toBe(true);
  });

  test("many at once, of views into one buffer, each with its own nonce", async () => {
    const key = SecretKey.generate();
    const all = randomBytes(16 * 65_536);
    const parts = Array.from({ length: 16 }, (_, i) => all.subarray(i * 65_536, (i + 1) * 65_536));
    const sealed = await Promise.all(parts.map((part) => sealBlock(key, part)));
    const opened = await Promise.all(sealed.map((part) => openBlock(key, part)));
    expect(opened.every((part, i) => equalBytes(part, parts[i] ?? new Uint8Array()))).toBe(true);
    expect(new Set(sealed.map((part) => part.subarray(0, 24).join())).size).toBe(16);
  });

  test("altered or foreign blocks are refused", async () => {
    const key = SecretKey.generate();
    const sealed = await sealBlock(key, randomBytes(100_000));
    await expect(openBlock(SecretKey.generate(), sealed)).rejects.toMatchObject({ code: "DECRYPTION" });
    for (const at of [0, 24, 40, sealed.length - 1]) {
      const altered = sealed.slice();
      altered[at] = (altered[at] ?? 0) ^ 1;
      await expect(openBlock(key, altered)).rejects.toMatchObject({ code: "DECRYPTION" });
    }
    await expect(openBlock(key, sealed.subarray(0, -1))).rejects.toMatchObject({ code: "DECRYPTION" });
    await expect(openBlock(key, sealed.subarray(0, 39))).rejects.toMatchObject({ code: "DECRYPTION" });
    await expect(openBlock(key, sealed.subarray(0, 23))).rejects.toMatchObject({ code: "NONCE" });
  });

  test("a destroyed key seals nothing", async () => {
    const key = SecretKey.generate();
    key.destroy();
    await expect(sealBlock(key, randomBytes(100_000))).rejects.toMatchObject({ code: "KEY_DESTROYED" });
    await expect(openBlock(key, randomBytes(100_000))).rejects.toMatchObject({ code: "KEY_DESTROYED" });
  });

  test("an abort rejects with its reason, and the next block goes through", async () => {
    const key = SecretKey.generate();
    const data = randomBytes(512 * 1024);
    const reason = new Error("stop");
    await expect(sealBlock(key, data, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(openBlock(key, data, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const abort = new AbortController();
    const waiting = Promise.allSettled(Array.from({ length: 5 }, () => sealBlock(key, data, { signal: abort.signal })));
    abort.abort(reason);
    for (const outcome of await waiting) {
      if (outcome.status === "rejected") expect(outcome.reason).toBe(reason);
    }
    expect(equalBytes(await openBlock(key, await sealBlock(key, data)), data)).toBe(true);
  });
});
