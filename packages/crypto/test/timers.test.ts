import { randomBytes } from "@parsec/base";
import { openBlock, SecretKey, sealBlock, sha256 } from "@parsec/crypto";
import { describe, expect, test } from "vitest";
import { onEveryBackend } from "./support/backends.ts";

/** How often a timer of 1 ms fires while `run` runs. */
async function ticksDuring(run: () => Promise<unknown>): Promise<number> {
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), 1);
  await run();
  clearInterval(timer);
  return ticks;
}

onEveryBackend(() => {
  describe("timers fire", () => {
    const block = randomBytes(512 * 1024);
    const small = randomBytes(10_000);

    test.each<[string, (key: SecretKey) => Promise<unknown>, number]>([
      [
        "while blocks are sealed and opened, one after the other",
        async (key) => openBlock(key, await sealBlock(key, block)),
        60,
      ],
      ["while small ones are", async (key) => openBlock(key, await sealBlock(key, small)), 3000],
      ["while small pieces are hashed", () => sha256(small), 20_000],
    ])("%s", async (_name, work, times) => {
      const key = SecretKey.generate();
      const ticks = await ticksDuring(async () => {
        for (let k = 0; k < times; k += 1) await work(key);
      });
      expect(ticks).toBeGreaterThan(1);
    });

    test("while many blocks are sealed at once", async () => {
      const key = SecretKey.generate();
      const ticks = await ticksDuring(() => Promise.all(Array.from({ length: 60 }, () => sealBlock(key, block))));
      expect(ticks).toBeGreaterThan(1);
    });
  });
});
