import { throwIfAborted } from "./abort.ts";

/**
 * Runs `task` on each item, at most `concurrency` at once, and reads the source no faster than it works.
 * The first failure stops the reading, waits for the tasks under way, and rejects.
 */
export async function forEachConcurrently<T>(
  items: Iterable<T> | AsyncIterable<T>,
  concurrency: number,
  task: (item: T) => Promise<void>,
  options: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const running = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  try {
    for await (const item of items) {
      throwIfAborted(options.signal);
      if (failure !== undefined) break;
      const run = task(item)
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => running.delete(run));
      running.add(run);
      if (running.size >= concurrency) await Promise.race(running);
    }
  } finally {
    await Promise.all(running);
  }
  if (failure !== undefined) throw failure.error;
}
