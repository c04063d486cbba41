import { breathe } from "@parsec/base";
import { expect, test } from "vitest";

/** Work without end on this thread, in steps of `stepMs`, that only a timer stops. Gives the steps that were done. */
async function workUntilTimer(stepMs: number): Promise<number> {
  let isStopped = false;
  let steps = 0;
  setTimeout(() => {
    isStopped = true;
  }, 0);
  while (!isStopped && steps < 10_000) {
    for (const end = performance.now() + stepMs; performance.now() < end; );
    steps += 1;
    await breathe();
  }
  return steps;
}

test("a timer fires during a loop over promises alone", async () => {
  expect(await workUntilTimer(1)).toBeLessThan(1000);
});

test("several loops at once let timers fire too", async () => {
  const steps = await Promise.all([workUntilTimer(1), workUntilTimer(2), workUntilTimer(1)]);
  for (const count of steps) expect(count).toBeLessThan(1000);
});

test("costs no turn before there was work", async () => {
  await breathe();
  // Right after a turn there is nothing to wait for.
  expect(breathe()).toBeUndefined();
});
