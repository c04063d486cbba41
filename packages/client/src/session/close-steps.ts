import type { Clock } from "@parsec/base";

/** One step of an end; `patienceMs`: how long the others wait for it, without end by default. */
export interface CloseStep {
  readonly run: () => Promise<void> | undefined;
  readonly patienceMs?: number | undefined;
}

/**
 * Runs all steps, one after the other, whatever becomes of those before: what is left open stays locked. Then throws the
 * first failure, if any.
 */
export async function runCloseSteps(clock: Clock, steps: readonly CloseStep[]): Promise<void> {
  const failures: unknown[] = [];
  for (const { run, patienceMs } of steps) {
    try {
      await within(clock, patienceMs, run());
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** The promise, or nothing when it takes longer; what comes of it then is nobody's any more. */
async function within(clock: Clock, patienceMs: number | undefined, promise: Promise<void> | undefined): Promise<void> {
  if (patienceMs === undefined || promise === undefined) return promise;
  promise.catch(() => undefined);
  let stop = () => {};
  const enough = new Promise<void>((resolve) => {
    const timer = clock.timer(patienceMs, resolve);
    stop = () => timer.cancel();
  });
  try {
    await Promise.race([promise, enough]);
  } finally {
    stop();
  }
}
