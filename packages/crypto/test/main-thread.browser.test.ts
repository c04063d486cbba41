import { equalBytes, randomBytes } from "@parsec/base";
import {
  newPasswordAlgorithm,
  openBlock,
  passwordToSecretKey,
  ready,
  SequesterSigningKey,
  sealBlock,
  sha256,
} from "@parsec/crypto";
import { expect, test } from "vitest";

/** Tasks of more than 50 ms on the page's thread while `run` runs, in ms: the browser's own measure. */
async function longTasksDuring(run: () => Promise<void>): Promise<number[]> {
  const durations: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) durations.push(duration);
  });
  observer.observe({ type: "longtask" });
  await idle();
  await run();
  await idle();
  observer.disconnect();
  return durations;
}

/** Two frames: what has been observed is reported by then. */
function idle(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))));
}

test("the measure sees a task of 80 ms", async () => {
  const seen = await longTasksDuring(async () => {
    await new Promise((resolve) => setTimeout(resolve));
    const end = performance.now() + 80;
    while (performance.now() < end);
  });
  expect(seen).toHaveLength(1);
});

test("unlocking, and blocks of 512 KiB by the dozen, leave the page free", async () => {
  const data = randomBytes(512 * 1024);
  const seen = await longTasksDuring(async () => {
    await ready();
    const key = await passwordToSecretKey("correct horse battery staple", newPasswordAlgorithm());
    const sealed = await Promise.all(Array.from({ length: 24 }, () => sealBlock(key, data)));
    const opened = await Promise.all(sealed.map((block) => openBlock(key, block)));
    await Promise.all(sealed.map((block) => sha256(block)));
    expect(opened).toHaveLength(24);
    expect(equalBytes(opened[23] ?? new Uint8Array(), data)).toBe(true);
    const signing = await SequesterSigningKey.generate(2048);
    await signing.verifyKey.verify(await signing.sign(data));
  });
  expect(seen).toEqual([]);
});
