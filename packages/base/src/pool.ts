import { orAbort } from "./abort.ts";
import { requireNatural } from "./argument.ts";

/**
 * Runs `task` on each item, at most `concurrency` at once, and reads the source no faster than it works.
 * The first failure, or an abort, stops the reading, waits for the tasks under way, and rejects. It does not wait for a
 * source that an abort finds silent.
 */
export async function forEachConcurrently<T>(
  items: Iterable<T> | AsyncIterable<T>,
  concurrency: number,
  task: (item: T) => Promise<void>,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  requireNatural("concurrency", concurrency, { min: 1 });
  const { signal } = options;
  const running = new Set<Promise<void>>();
  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let failure: { error: unknown } | undefined;
  let isExhausted = false;
  try {
    while (failure === undefined) {
      const next = await orAbort(Promise.resolve(source.next()), signal);
      isExhausted = next.done === true;
      if (next.done === true || failure !== undefined) break;
      const run = task(next.value)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => running.delete(run));
      running.add(run);
      if (running.size >= concurrency) await Promise.race(running);
    }
  } finally {
    // A source that owes an answer may never give it, nor end before it does.
    const ended = isExhausted ? undefined : endOf(source);
    await Promise.all(running);
    if (!signal?.aborted) await ended;
  }
  if (failure !== undefined) throw failure.error;
}

async function endOf(source: Iterator<unknown> | AsyncIterator<unknown>): Promise<void> {
  try {
    await source.return?.();
  } catch {
    // There is a failure before it that says more, or nobody who waits.
  }
}
