import { SettableClock } from "@parsec/base";
import { expect, test } from "vitest";
import { runCloseSteps } from "../../src/session/close-steps.ts";

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

test("every step is taken, in order, and the first failure is thrown in the end", async () => {
  const taken: number[] = [];
  const failing = (step: number) => async () => {
    taken.push(step);
    throw new Error(`step ${step}`);
  };
  const steps = [
    { run: () => undefined },
    { run: failing(1) },
    { run: failing(2), patienceMs: 10 },
    { run: async () => void taken.push(3), patienceMs: 10 },
  ];
  const clock = new SettableClock(0);
  await expect(runCloseSteps(clock, steps)).rejects.toThrow("step 1");
  expect(taken).toEqual([1, 2, 3]);
  expect(clock.pendingTimers).toBe(0);
});

test("a step that throws at once does not keep the next one", async () => {
  let isTaken = false;
  const steps = [
    {
      run: (): Promise<void> => {
        throw new Error("at once");
      },
    },
    {
      run: async () => {
        isTaken = true;
      },
    },
  ];
  await expect(runCloseSteps(new SettableClock(0), steps)).rejects.toThrow("at once");
  expect(isTaken).toBe(true);
});

test("a step that never ends is left alone after a while; its later failure is nobody's", async () => {
  const clock = new SettableClock(0);
  let fail: (error: Error) => void = () => undefined;
  let isLast = false;
  const closing = runCloseSteps(clock, [
    {
      run: () =>
        new Promise<void>((_, reject) => {
          fail = reject;
        }),
      patienceMs: 40,
    },
    {
      run: async () => {
        isLast = true;
      },
    },
  ]);
  clock.advance(39);
  await settle();
  expect(isLast).toBe(false);
  clock.advance(1);
  await settle();
  expect(isLast).toBe(true);
  await closing;
  fail(new Error("too late"));
  await settle();
});
